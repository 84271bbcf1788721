# shellcheck shell=bash disable=SC2034
# What scripts/start and scripts/stop share. Expects root and run to be set.

# shellcheck disable=SC2154 # set by whoever sources this
server_binary=$root/build/release/src/tableforge
locked=0

# One start or stop at a time in a checkout; descriptor 9 must not reach anything that lives on.
lock_run() { # WHO
  exec 9>>"$run/start.lock"
  if ! flock -n 9; then
    echo "$1: waiting for another scripts/start or scripts/stop to finish"
    flock 9
  fi
  locked=1
}

unlock_run() {
  exec 9>&-
  locked=0
}

server_pid() { cat "$run/server.pid" 2>/dev/null || true; }

# The program tells whether the pid is still the server's; a build may have replaced the file meanwhile.
server_runs() {
  local pid program
  pid=$(server_pid)
  if [[ -z $pid ]]; then return 1; fi
  program=$(readlink "/proc/$pid/exe" 2>/dev/null) || return 1
  [[ ${program% (deleted)} == "$server_binary" ]]
}

server_ready() {
  [[ -s $run/port && -s $run/admin-port ]] &&
    curl -fsS -o /dev/null --noproxy '*' --max-time 2 "http://127.0.0.1:$(cat "$run/admin-port")/readyz" 2>/dev/null
}

# Whether anything listens on that port here; 0A is the kernel's number of the state.
listens() { # PORT
  local hex
  printf -v hex '%04X' "$1"
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    awk -v port=":$hex" '$4 == "0A" && index($2, port) == length($2) - 4 { found = 1 } END { exit !found }'
}
