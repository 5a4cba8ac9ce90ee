/** Where the staff pages begin. */

import { render } from "preact";
import { App } from "./frame/app";

render(<App />, document.querySelector("#page")!);
