// What the candidate's pages do beyond HTML. Every page works without it.

import "./js/live-region.js";
import "./js/error-summary.js";
import "./js/submit-once.js";
import "./js/confirm.js";
import "./js/copy.js";
import "./js/time-zone.js";
import "./js/choice.js";
import "./js/hours.js";
import "./js/reload.js";
