local name, owner, rest = ARGV[2], ARGV[3], tonumber(ARGV[4])
local note = live(name)
if note and note.owner == owner then
  note.owner, note.leased, note.taken = '-', 0, 0
  note.failures, note.rests = note.failures + 1, now + rest
  note_down(name, note)
end
return {now}
