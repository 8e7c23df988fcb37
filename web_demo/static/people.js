// Who is in the shop.

export const ADA = { id: "demo-ada", name: "Ada", role: "buyer", phone: "iPhone", channel: "APNs" };
export const GRACE = { id: "demo-grace", name: "Grace", role: "seller", phone: "Android phone", channel: "FCM" };

const NAMES = new Map([ADA, GRACE].map(({ id, name }) => [id, name]));
export const nameOf = (id) => NAMES.get(id);
