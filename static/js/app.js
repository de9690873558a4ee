// Starts the page's behaviours. Each is attached by data attributes through listeners on the document,
// so that content swapped in later just works.
import "./bus.js";
import "./composer.js";
import "./dialogs.js";
import "./logs.js";
import "./panes.js";
import "./setup.js";
import "./splitter.js";
import "./stick.js";
