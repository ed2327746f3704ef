// What the recruiter's pages do beyond HTML. Every page works without it.

import "htmx.org";
import "htmx.org/dist/ext/hx-csp.js";
import "./js/live-region.js";
import "./js/error-summary.js";
import "./js/submit-once.js";
import "./js/confirm.js";
import "./js/dialogs.js";
import "./js/menus.js";
import "./js/copy.js";
import "./js/auto-submit.js";
import "./js/time-zone.js";
import "./js/week-grid.js";
import "./js/chosen.js";
