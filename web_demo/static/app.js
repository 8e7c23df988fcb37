// The page: two people at their laptops, what else they have, and the way of each notification between them.

import { Devices } from "./devices.js";
import { Kill } from "./kill.js";
import { Laptop } from "./laptop.js";
import { ADA, GRACE } from "./people.js";
import { Traces } from "./traces.js";

const traces = new Traces(document.getElementById("trace"));
const laptops = [ADA, GRACE].map((person) => new Laptop(person, traces));
document.getElementById("trace").before(...laptops.map((laptop) => laptop.root), document.getElementById("devices"));
new Devices(document.getElementById("devices")).begin();
new Kill(document.getElementById("kill"), laptops[0].hark);
for (const laptop of laptops) laptop.begin();
