// A page without a screen: a Hark that a test drives by lines of JSON, and that tells by lines of JSON what it hears.
//   in:  ["token", {…}] the answer to {"wants": "token"}; ["look", "hidden"] what the user does with it, where it was
//        given a `focus`; ["read", [1]] any method with its arguments
//   out: {"wants": "token"}, {"state": {…}}, {"arrived": [seq, …]}, {"has": {seqs, archived, read, unread}}, {"live": [topic, data]}

import { createInterface } from "node:readline";

import { Hark } from "../../sdk/js/hark.js";

const tell = (said) => process.stdout.write(JSON.stringify(said) + "\n");
const tokens = [];
const token = () => (tell({ wants: "token" }), new Promise((resolve) => tokens.push(resolve)));

const given = JSON.parse(process.argv[2]);
let focus = given.focus;
const hark = new Hark({ ...given, token, focus: () => focus });
const seqs = (entries) => entries.map(({ seq }) => seq);
hark.on("state", (state) => tell({ state }));
hark.on("arrived", (entries) => tell({ arrived: seqs(entries) }));
hark.on("live", (...live) => tell({ live }));
hark.on("change", () => {
  const read = seqs(hark.entries.filter((entry) => entry.read));
  tell({ has: { seqs: seqs(hark.entries), archived: seqs(hark.archived), read, unread: hark.unread } });
});
hark.start();

for await (const line of createInterface({ input: process.stdin })) {
  const [method, ...said] = JSON.parse(line);
  if (method === "token") tokens.shift()(said[0]);
  else if (method === "look") [focus] = said, hark.hurry();
  else await hark[method](...said);
}
process.exit();
