// The icons of the sprite, by their Octicons names. Add a name here to use it in `icon("…")`.
// Every page loads them all, so an icon that no page uses is taken out again.

export const ICONS = `
  accessibility alert archive arrow-down arrow-left arrow-right arrow-switch arrow-up
  bell blocked briefcase
  calendar check check-circle check-circle-fill checklist chevron-down chevron-left chevron-right chevron-up
  clock comment copy
  device-mobile dot-fill download
  eye
  file filter
  globe graph
  history home hourglass
  id-badge inbox info
  kebab-horizontal key
  link link-external list-unordered location lock
  mail mortar-board
  note
  paper-airplane paperclip pause pencil people person person-add play plug plus pulse
  question
  search server shield-check shield-lock sign-in sign-out skip sliders sparkle-fill stop stopwatch sync
  tag trash
  unlock
  video
  x x-circle
  zap
`.trim().split(/\s+/);

// Where our word for a thing is not theirs.
export const OCTICON = { video: "device-camera-video" };
