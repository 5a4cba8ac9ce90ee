/** Ids that stories of staff share: a relay, its desks and places, a member, and somebody's number. */

export const RELAY = "4b8d6f40f82e296c70261e762d69ce1e";
export const DESK = "c8beec0616f17cf0676807c4d3bd64d7";
export const SECOND = "5e".repeat(16);
export const PLACE = "897f37c0b02013859f1243a34e9a8eb0";
export const OTHER = "11".repeat(16);
export const STAFF = "8d42cb2042a5049d0f709950c41aeec1";
export const NUMBER = "123456789012";
