// How to kill the hub, and what it does meanwhile.

const COMMAND = `kill -9 $(python3 -c 'import json; print(json.load(open(".hark/dev.json"))["pids"]["hub"])')`;
const SAYS = {
  live: "The hub is there.",
  waiting: "The hub is dead. It comes back by itself.",
  connecting: "Looking for the hub …",
  "catching up": "It is back: the page asks for what it has missed.",
};
const COPIED_MS = 2000;

export class Kill {
  constructor(dialog, hark) {
    dialog.querySelector("code").textContent = COMMAND;
    document.getElementById("kill-button").addEventListener("click", () => dialog.showModal());
    dialog.querySelector(".done").addEventListener("click", () => dialog.close());
    const copy = dialog.querySelector(".copy");
    copy.addEventListener("click", async () => {
      copy.textContent = await navigator.clipboard?.writeText(COMMAND).then(
        () => "Copied",
        () => "Select it above",
      ) ?? "Select it above";
      setTimeout(() => (copy.textContent = "Copy"), COPIED_MS);
    });
    const says = dialog.querySelector(".says");
    hark.on("state", ({ name }) => {
      says.textContent = SAYS[name] ?? "";
      says.dataset.state = name;
    });
  }
}
