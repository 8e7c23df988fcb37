// The page: two users side by side, each with a client of their own, as if they sat at two computers.

import { Pane } from "./pane.js";

const ADA = { id: "demo-ada", name: "Ada", colour: "teal" };
const GRACE = { id: "demo-grace", name: "Grace", colour: "plum" };

const panes = [new Pane(ADA, GRACE), new Pane(GRACE, ADA)];
document.getElementById("panes").append(...panes.map((pane) => pane.root));
for (const pane of panes) pane.begin();
