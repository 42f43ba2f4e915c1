local name, life = ARGV[2], tonumber(ARGV[3])
local note = live(name)
if note then
  note.seen, note.ends = now, now + life
  note_down(name, note)
  outlast(note.ends)
end
return {now}
