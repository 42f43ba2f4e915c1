local name, owner, lease = ARGV[2], ARGV[3], tonumber(ARGV[4])
local note = live(name)
if not note or note.owner ~= owner or note.leased <= now then return {now, 0} end
note.leased = now + lease
note_down(name, note)
return {now, 1}
