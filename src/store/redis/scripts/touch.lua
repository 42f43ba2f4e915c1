local name, life = ARGV[2], tonumber(ARGV[3])
local note = live(name)
if note then
  note.seen, note.ends = now, now + life
  -- Always, and first: a server that is full permits it, and after it the same length once more.
  redis.call('PEXPIRE', key, string.format('%.0f', math.max(redis.call('PTTL', key), life)))
  note_down(name, note)
end
return {now}
