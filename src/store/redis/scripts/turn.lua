local name, generation, owner, lease = ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local note, text = live(name)
if not note then return {now, 'gone'} end
if note.generation ~= generation then return {now, 'other', redis.call('HGET', key, name), text} end
-- No lease and no rest is so long. What ends later was noted by the clock of another server, before a failover.
local longest = now + 10 * lease + 600000
if note.rests > now and note.rests <= longest then return {now, 'rests', note.rests - now} end
if note.owner == '-' then
  note.taken = 0
elseif note.owner ~= owner then
  if note.leased > now and note.leased <= longest then return {now, 'held', note.leased - now} end
  note.taken = 1
end
note.owner, note.leased = owner, now + lease
note_down(name, note)
return {now, 'yours', note.taken, note.failures}
