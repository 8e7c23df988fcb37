// Elements out of the page's templates, and out of nothing. Text is only ever set as text.

export function fromTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

export function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Makes these the children, in this order. What is in its place is not touched: it is not read out again. */
export function arrange(place, items) {
  const wanted = new Set(items);
  for (const child of [...place.children]) if (!wanted.has(child)) child.remove();
  items.forEach((item, index) => {
    if (place.children[index] !== item) place.insertBefore(item, place.children[index] ?? null);
  });
}
