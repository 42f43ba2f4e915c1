local except = ARGV[2]
local fields, values = {}, {}
local all = redis.call('HGETALL', key)
for place = 1, #all, 2 do values[all[place]] = all[place + 1] end
local answer = {now}
for field, text in pairs(values) do
  local name = string.match(field, '^(.+)m$')
  local note = name and name ~= except and values[name] and read(text)
  if note and note.ends > now then
    table.insert(answer, name)
    table.insert(answer, values[name])
    table.insert(answer, text)
  end
  if field ~= except and field ~= except .. 'm' then redis.call('HDEL', key, field) end
end
return answer
