// The icons of the sprite, by their Octicons names. Add a name here to use it in `icon("…")`.

export const ICONS = `
  accessibility alert archive arrow-down arrow-left arrow-right arrow-switch arrow-up
  bell blocked book briefcase
  calendar check check-circle check-circle-fill checklist chevron-down chevron-left chevron-right chevron-up
  clock comment copy
  database device-mobile dot-fill download duplicate
  eye eye-closed
  file filter
  gear globe graph
  history home hourglass
  id-badge inbox info
  kebab-horizontal key
  law light-bulb link link-external list-ordered list-unordered location lock
  mail meter mortar-board
  north-star note
  organization
  paper-airplane paperclip pause pencil people person person-add pin play plug plus project pulse
  question
  search server shield-check shield-lock sign-in sign-out skip sliders sparkle-fill stop stopwatch sync
  tag tasklist telescope tools trash
  unlink unlock
  video
  webhook workflow
  x x-circle x-circle-fill
  zap
`.trim().split(/\s+/);
