/** Where the staff pages begin. */

import { render } from "preact";
import { App } from "./frame/app";

const page = document.querySelector("#page")!;
// What stands there until now says what to do if this never runs.
page.replaceChildren();
render(<App />, page);
