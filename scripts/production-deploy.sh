#!/usr/bin/env bash
# Deploys TableForge with Docker Compose or on Kubernetes, and everything an operator does with a deployment.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: scripts/production-deploy.sh docker|k8s COMMAND [OPTIONS]

  deploy       checks, builds, saves the database if its schema will change, migrates, replaces one instance at a time,
               plays a game through the balancer; goes back to the version before by itself if any of it fails
  status       which version runs, and how each instance is
  rollback     back to the version before; its image is kept
  restart      replaces every instance by a fresh one of the same version, one at a time
  backup       a base backup of PostgreSQL (pg_basebackup) into the backup directory
  restore FILE replaces the database by a backup; players are sent away meanwhile. Asks for --yes
  scale N      as many instances
  validate     scripts/validate on this deployment
  secrets      makes the secrets that are missing (docker)
  check        only the checks that deploy begins with

  --env-file FILE    settings (docker; default: deploy/.env, see deploy/.env.example)
  --overlay NAME     deploy/k8s/overlays/NAME (k8s; default: production)
  --context NAME     kubectl's context (k8s)
  --version V        the image's tag (default: the commit)
  --no-build         the image is there already
  --contract         a migration that takes something away is all right: no version before this one will come back
  --no-backup        no backup before a migration
  --yes              no question before restore
  --dry-run          print what would be done, and do nothing

Every command may be given again: what is done already is not done twice. State of the docker deployment (which version,
which one before) is in the directory .state beside the settings.
TEXT
}

say() { echo "deploy: $*"; }
warn() { echo "deploy: $*" >&2; }
die() {
  warn "$*"
  exit 1
}

cd "$(dirname "$(realpath "$0")")/.."
platform='' command='' argument='' env_file=deploy/.env overlay=production context='' version='' build=1 contract=0 save=1 yes=0 dry=0
while (($#)); do
  case $1 in
    -h | --help)
      usage
      exit 0
      ;;
    --env-file | --overlay | --context | --version)
      if (($# < 2)); then die "$1 needs a value"; fi
      case $1 in
        --env-file) env_file=$2 ;;
        --overlay) overlay=$2 ;;
        --context) context=$2 ;;
        --version) version=$2 ;;
      esac
      shift
      ;;
    --no-build) build=0 ;;
    --contract) contract=1 ;;
    --no-backup) save=0 ;;
    --yes) yes=1 ;;
    --dry-run) dry=1 ;;
    -*) die "there is no option $1; see --help" ;;
    *)
      if [[ -z $platform ]]; then
        platform=$1
      elif [[ -z $command ]]; then
        command=$1
      elif [[ -z $argument ]]; then
        argument=$1
      else
        die "too much: $1"
      fi
      ;;
  esac
  shift
done
case $platform in docker | k8s) ;; *)
  usage >&2
  exit 2
  ;;
esac
if [[ -n $version && ! $version =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}$ ]]; then die "'$version' cannot be an image's tag"; fi

# What changes something goes through here, so that --dry-run is believed.
run() {
  if ((dry)); then
    printf 'would run:'
    printf ' %q' "$@"
    echo
  else
    "$@"
  fi
}

wait_for() { # SECONDS WHAT COMMAND…
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= end)); then
      warn "waited in vain: $what"
      return 1
    fi
    sleep 0.5
  done
}

need_tool() { command -v "$1" >/dev/null || problems+=("$1 is not installed: $2"); }

git_version() {
  local revision
  revision=$(git describe --always --dirty --abbrev=12 2>/dev/null) || die "this is no git checkout: give the version with --version"
  printf '%s' "$revision"
}

# A version goes back onto the schema of the one after it only if nothing it needs was taken away.
contracting_migrations() { # FROM: the schema's version now
  local file number
  for file in deploy/migrations/[0-9]*.sql; do
    number=${file##*/}
    number=$((10#${number%%_*}))
    if ((number > $1)) && sed 's/--.*//' "$file" |
      grep -Eiq '\b(drop (table|column|function|type|view|schema)|rename (to|column)|alter column [a-z_]+ (type|set data type|set not null))\b'; then
      echo "$file"
    fi
  done
}

check_migrations() { # FROM
  local found
  found=$(contracting_migrations "$1")
  if [[ -n $found ]] && ((!contract)); then
    die "these migrations take away what the version before may need, so there would be no way back: ${found//$'\n'/ } (--contract allows it)"
  fi
}

# ------------------------------------------------------------------------------------------------------- docker

declare -A setting=()

load_settings() {
  local line
  if [[ ! -r $env_file ]]; then die "there is no $env_file: copy deploy/.env.example to it and look through it"; fi
  env_file=$(realpath "$env_file")
  while IFS= read -r line || [[ -n $line ]]; do
    if [[ $line =~ ^([A-Z_][A-Z0-9_]*)=(.*)$ ]]; then setting[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}; fi
  done <"$env_file"
  project=${setting[COMPOSE_PROJECT_NAME]:-tableforge}
  image=${setting[TABLEFORGE_IMAGE]:-tableforge}
  replicas=${setting[TABLEFORGE_REPLICAS]:-3}
  secrets=${setting[TABLEFORGE_SECRETS]:-./secrets}
  if [[ $secrets != /* ]]; then secrets=deploy/$secrets; fi
  state=$(dirname "$env_file")/.state
  backups=${setting[TABLEFORGE_BACKUPS]:-$(dirname "$env_file")/backups}
}

put_setting() { # NAME VALUE
  setting[$1]=$2
  if ((dry)); then
    echo "would set: $1=$2 in $env_file"
    return
  fi
  if grep -q "^$1=" "$env_file"; then
    sed -i "s|^$1=.*|$1=$2|" "$env_file"
  else
    printf '%s=%s\n' "$1" "$2" >>"$env_file"
  fi
}

compose() { docker compose --env-file "$env_file" -f deploy/compose.yaml "$@"; }
at_version() { # VERSION COMPOSE-ARGUMENTS…
  local of=$1
  shift
  TABLEFORGE_VERSION=$of compose "$@"
}
containers() { docker ps --quiet --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1" "${@:2}"; }
healthy() { [[ $(docker inspect --format '{{.State.Health.Status}}' "$1" 2>/dev/null) == healthy ]]; }
current() { cat "$state/current" 2>/dev/null || true; }
previous() { cat "$state/previous" 2>/dev/null || true; }

remember() { # VERSION
  if ((dry)) || [[ $(current) == "$1" ]]; then return; fi
  mkdir -p "$state"
  if [[ -n $(current) ]]; then current >"$state/previous"; fi
  printf '%s\n' "$1" >"$state/current"
}

docker_check() {
  problems=()
  need_tool docker "apt-get install docker.io, and Compose 2.20 or later"
  if command -v docker >/dev/null; then
    if ! docker info >/dev/null 2>&1; then
      problems+=("the Docker engine does not answer: is it running, and may you use it?")
    else
      local found
      found=$(docker compose version --short 2>/dev/null || true)
      if [[ ! $found =~ ^v?2\.([0-9]+) ]] || ((BASH_REMATCH[1] < 20)); then problems+=("Docker Compose 2.20 or later is needed, and ${found:-none} is there"); fi
    fi
  fi
  if [[ ! $replicas =~ ^[1-9][0-9]*$ ]] || ((replicas > 15)); then problems+=("TABLEFORGE_REPLICAS=$replicas: 1 to 15 are possible; the balancer has 16 places and a rollout needs one"); fi
  local name
  for name in database_password reader_password redis_password token_secret admin_token; do
    if [[ ! -s $secrets/$name ]]; then problems+=("the secret $secrets/$name is missing: 'docker secrets' makes it"); fi
  done
  if [[ ! -e $secrets/old_token_secret ]]; then problems+=("$secrets/old_token_secret is missing (it may be empty): 'docker secrets' makes it"); fi
  if [[ -s $secrets/token_secret ]] && (($(wc -c <"$secrets/token_secret") < 32)); then problems+=("$secrets/token_secret is shorter than 32 characters"); fi
  if [[ -d $secrets && $(stat -c %a "$secrets") != *00 ]]; then problems+=("others may enter $secrets: chmod 700 it"); fi
  if [[ ${setting[TABLEFORGE_TLS]:-off} == on ]]; then
    local certificates=${setting[TABLEFORGE_CERTIFICATES]:-./haproxy/certificates}
    if [[ $certificates != /* ]]; then certificates=deploy/$certificates; fi
    if ! compgen -G "$certificates/*.pem" >/dev/null; then problems+=("TABLEFORGE_TLS=on, and there is no PEM file in $certificates"); fi
  fi
  if ((${#problems[@]} == 0)) && ! compose config --quiet 2>"${TMPDIR:-/tmp}/tableforge-config.$$"; then
    problems+=("compose refuses the settings: $(tail -n 1 "${TMPDIR:-/tmp}/tableforge-config.$$")")
  fi
  rm -f "${TMPDIR:-/tmp}/tableforge-config.$$"
  local free
  free=$(df --output=avail -k . | tail -n 1)
  if ((free < 2 * 1024 * 1024)); then problems+=("less than 2 GB are free on this disk"); fi
  if ((${#problems[@]})); then
    printf 'deploy: %s\n' "${problems[@]}" >&2
    die "${#problems[@]} things to put right before anything is done"
  fi
  say "the checks are passed"
}

docker_secrets() {
  run mkdir -p -m 700 "$secrets"
  local name
  for name in database_password reader_password redis_password token_secret admin_token grafana_password; do
    if [[ -s $secrets/$name ]]; then continue; fi
    if ((dry)); then
      echo "would make: $secrets/$name"
    else
      # Readable inside the containers, whose users have other ids; the directory keeps everybody else out.
      od -An -N 24 -t x1 /dev/urandom | tr -d ' \n' >"$secrets/$name"
      chmod 644 "$secrets/$name"
      say "made $secrets/$name"
    fi
  done
  if [[ ! -e $secrets/old_token_secret ]]; then run touch "$secrets/old_token_secret"; fi
}

docker_build() { # VERSION
  if docker image inspect "$image:$1" >/dev/null 2>&1 && [[ $1 != *-dirty ]]; then
    say "the image $image:$1 is there already"
  elif ((build)); then
    say "building $image:$1"
    run at_version "$1" build server
  else
    die "there is no image $image:$1, and --no-build"
  fi
  # What runs beside the server has no version of its own; it is built when it is missing.
  local service
  for service in haproxy postgres redis postgres-exporter prometheus alertmanager; do
    local name
    name=$(compose config --images "$service" 2>/dev/null | grep "^$project-" | grep -v "^$image:" | head -n 1 || true)
    if [[ -n $name ]] && ! docker image inspect "$name" >/dev/null 2>&1; then
      if ((!build)); then die "there is no image $name, and --no-build"; fi
      run compose build "$service"
    fi
  done
}

# "4 5": the schema's version, and what the image knows. 0 before the first migration.
schema_versions() { # VERSION
  local found
  found=$(at_version "$1" run --rm --no-deps -T migrate doctor 2>/dev/null | sed -n 's/.*schema *version \([0-9]*\) of \([0-9]*\) known here.*/\1 \2/p' || true)
  printf '%s' "${found:-0 0}"
}

docker_backup() {
  local name file
  name=$(containers postgres)
  if ((!dry)) && [[ -z $name ]]; then die "PostgreSQL does not run, so there is nothing to save"; fi
  file=$backups/$project-$(date -u +%Y%m%dT%H%M%SZ).tar.gz
  run mkdir -p -m 700 "$backups"
  say "saving the database to $file"
  if ((dry)); then
    echo "would run: pg_basebackup in the container of PostgreSQL, into $file"
    return
  fi
  if ! docker exec "$name" pg_basebackup -h /run/postgresql -U postgres -D - -Ft -X fetch --checkpoint=fast -Z client-gzip:1 >"$file.part"; then
    rm -f "$file.part"
    die "the backup failed"
  fi
  gzip -t "$file.part" || die "the backup in $file.part is damaged"
  mv "$file.part" "$file"
  (cd "$backups" && sha256sum "${file##*/}" >"${file##*/}.sha256")
  say "saved: $(du -h "$file" | cut -f 1)"
}

docker_restore() { # FILE
  local file=$1
  if [[ ! -r $file ]]; then die "there is no backup ${file:-(name a file)}; backups are in $backups"; fi
  file=$(realpath "$file")
  if [[ -e $file.sha256 ]]; then (cd "$(dirname "$file")" && sha256sum --quiet -c "${file##*/}.sha256") || die "$file is damaged"; fi
  if ((!yes && !dry)); then die "this replaces the database of $project by $file: give --yes"; fi
  say "sending players away"
  run compose stop server
  run compose stop postgres postgres-exporter
  run compose rm --force postgres
  # The cluster that is replaced stays beside the new one until somebody deletes it.
  local keep
  keep=main.before-$(date -u +%Y%m%dT%H%M%SZ)
  # shellcheck disable=SC2016 # the container's shell expands it
  local unpack='set -e; cd /var/lib/postgresql/data
    if [ -d main ]; then mv main "$1"; fi
    mkdir -m 700 main.new; tar -xzf - -C main.new; pg_verifybackup -q -n main.new; mv main.new main'
  if ((dry)); then
    echo "would run: $file unpacked into an empty cluster of the volume; the old one is kept as $keep"
  else
    compose run --rm --no-deps -T --entrypoint sh postgres -c "$unpack" sh "$keep" <"$file" || die "the backup could not be unpacked; the old cluster is $keep in the volume"
  fi
  # Redis remembers what the database no longer holds.
  run compose restart redis
  run compose up --detach --wait --wait-timeout 300 --no-deps postgres
  run at_version "$(current_or_set)" up --detach --wait --wait-timeout 300 --no-build
  say "restored; the cluster before it is kept as $keep in the volume"
}

current_or_set() {
  local found
  found=$(current)
  printf '%s' "${found:-${setting[TABLEFORGE_VERSION]:-dev}}"
}

balancer_sees() { # N: whether so many instances are up for it
  local text
  text=$(docker exec "$(containers haproxy)" bash -c "exec 3<>/dev/tcp/127.0.0.1/8405; printf 'GET /metrics?scope=server HTTP/1.0\r\n\r\n' >&3; cat <&3" 2>/dev/null)
  (($(grep -c '^haproxy_server_status{proxy="tables",.*state="UP"} 1' <<<"$text") >= $1))
}

# What the settings make of an instance of VERSION. Compose labels containers with a hash of its own, which
# `compose config --hash` does not tell; so it is written down which of its hashes came of which settings.
fingerprint() { at_version "$1" config server | sha256sum | cut -d ' ' -f 1; }
label_of() { docker inspect --format '{{index .Config.Labels "com.docker.compose.config-hash"}}' "$1"; }
note_made() { # CONTAINER FINGERPRINT
  mkdir -p "$state/made"
  printf '%s\n' "$2" >"$state/made/$(label_of "$1")"
}

# Replaces what differs from the settings at VERSION, one at a time: the new one first, so that there is never one less.
# Never with --no-deps: compose would leave the dependencies out of the hash by which it knows what is up to date.
roll() { # VERSION FORCE
  local wanted old new before
  if ((dry)); then
    echo "would replace: each instance that is not $image:$1 as the settings say, one at a time, each new one ready before an old one drains"
    return
  fi
  wanted=$(fingerprint "$1")
  local outdated=() id
  for id in $(containers server); do
    if (($2)) || [[ $(cat "$state/made/$(label_of "$id")" 2>/dev/null) != "$wanted" ]]; then outdated+=("$id"); fi
  done
  if ((${#outdated[@]} == 0)); then say "no instance needs to be replaced"; fi
  for old in "${outdated[@]}"; do
    before=$(containers server | sort)
    at_version "$1" up --detach --no-build --no-recreate --scale "server=$(($(wc -l <<<"$before") + 1))" server >/dev/null 2>&1 || return 1
    new=$(comm -13 <(printf '%s\n' "$before") <(containers server | sort))
    if [[ -z $new ]]; then
      warn "no new instance was made"
      return 1
    fi
    if ! wait_for 90 "the new instance $new becomes healthy" healthy "$new" || ! wait_for 30 "the balancer finds it" balancer_sees "$(($(wc -l <<<"$before") + 1))"; then
      docker logs --tail 5 "$new" >&2 || true
      docker rm --force "$new" >/dev/null
      return 1
    fi
    note_made "$new" "$wanted"
    docker stop --time 30 "$old" >/dev/null
    docker rm "$old" >/dev/null
    say "replaced ${old:0:12} by ${new:0:12}"
  done
  at_version "$1" up --detach --wait --wait-timeout 120 --no-build --no-recreate --scale "server=$replicas" server >/dev/null 2>&1
}

smoke() { # VERSION
  say "playing through the balancer"
  run at_version "$1" run --rm --no-deps -T migrate load --url ws://haproxy:8080 --tables 2 --players 3 --rate 60 --duration 3 --full --quiet >"${TMPDIR:-/tmp}/tableforge-smoke.$$" 2>&1
  local code=$?
  if ((dry)); then cat "${TMPDIR:-/tmp}/tableforge-smoke.$$"; elif ((code)); then tail -n 12 "${TMPDIR:-/tmp}/tableforge-smoke.$$" >&2; fi
  rm -f "${TMPDIR:-/tmp}/tableforge-smoke.$$"
  return "$code"
}

docker_deploy() {
  docker_check
  local target=${version:-$(git_version)} before versions
  before=$(current)
  docker_build "$target"
  run at_version "$target" up --detach --wait --wait-timeout 300 --no-deps --no-build postgres redis
  if ((!dry)); then
    versions=$(schema_versions "$target")
    local now=${versions% *} known=${versions#* }
    check_migrations "$now"
    if ((now > 0 && now < known)); then
      say "the schema goes from version $now to $known"
      if ((save)); then docker_backup; fi
    fi
  fi
  say "bringing the schema up to date"
  run at_version "$target" run --rm --no-deps -T migrate || die "the migration failed: nothing was replaced, and ${before:-nothing} runs as before"
  local failed=''
  if ((!dry)) && [[ -n $(containers server) ]]; then
    roll "$target" 0 || failed="an instance did not become ready"
  fi
  if [[ -z $failed ]]; then
    # --no-recreate: what is to be replaced was.
    run at_version "$target" up --detach --wait --wait-timeout 300 --no-build --no-recreate --scale "server=$replicas" server || failed="the instances did not become ready"
  fi
  if [[ -z $failed ]] && ((!dry)); then
    local id
    for id in $(containers server); do note_made "$id" "$(fingerprint "$target")"; done
  fi
  if [[ -z $failed ]]; then
    # Everything that is no instance follows the settings.
    local others
    mapfile -t others < <(at_version "$target" config --services | grep -vx -e server -e migrate)
    run at_version "$target" up --detach --wait --wait-timeout 300 --no-deps --no-build "${others[@]}" || failed="something beside the instances did not become ready"
  fi
  if [[ -z $failed ]]; then smoke "$target" || failed="the game through the balancer failed"; fi
  if [[ -n $failed ]]; then
    if [[ -z $before || $before == "$target" ]]; then die "$failed, and there is no version before to go back to"; fi
    warn "$failed: going back to $before"
    roll "$before" 0 || die "going back to $before failed too: look at 'status' and at docs/operations/troubleshooting.md"
    smoke "$before" || die "$before runs again, and does not pass the game either"
    die "$target was not deployed: $failed. $before runs, as before"
  fi
  put_setting TABLEFORGE_VERSION "$target"
  remember "$target"
  say "$target is deployed"
}

docker_rollback() {
  local target=${version:-$(previous)}
  if [[ -z $target ]]; then die "there is no version before the current one in $state"; fi
  if ! docker image inspect "$image:$target" >/dev/null 2>&1; then die "the image $image:$target is gone"; fi
  docker_check
  say "going back from $(current) to $target"
  roll "$target" 0 || die "an instance of $target did not become ready; look at 'status'"
  smoke "$target" || die "$target runs, and does not pass the game"
  put_setting TABLEFORGE_VERSION "$target"
  remember "$target"
  say "$target is deployed"
}

docker_status() {
  echo "current:  $(current)"
  echo "previous: $(previous)"
  local id
  for id in $(containers server); do
    docker inspect --format '{{.Name}} {{.Config.Image}} {{.State.Health.Status}} since {{.State.StartedAt}}' "$id"
    docker exec "$id" bash -c "exec 3<>/dev/tcp/127.0.0.1/9090; printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3; tail -n 1 <&3" 2>/dev/null | sed 's/^/    /' || true
  done
  compose ps --all --format '{{.Service}} {{.Status}}' | grep -v '^server ' || true
}

docker_scale() {
  if [[ ! $argument =~ ^[1-9][0-9]*$ ]] || ((argument > 15)); then die "scale needs a number from 1 to 15"; fi
  put_setting TABLEFORGE_REPLICAS "$argument"
  replicas=$argument
  run at_version "$(current_or_set)" up --detach --wait --wait-timeout 300 --no-build --no-recreate --scale "server=$argument" server
  # It has to know how many there should be.
  run at_version "$(current_or_set)" up --detach --wait --wait-timeout 120 --no-deps --no-build prometheus
  say "$argument instances"
}

docker_main() {
  load_settings
  case $command in
    deploy) docker_deploy ;;
    status) docker_status ;;
    rollback) docker_rollback ;;
    restart)
      docker_check
      roll "$(current_or_set)" 1 || die "an instance did not become ready; the others run as before"
      say "every instance was replaced"
      ;;
    backup) docker_backup ;;
    restore) docker_restore "$argument" ;;
    scale) docker_scale ;;
    validate) run scripts/validate --env-file "$env_file" ;;
    secrets) docker_secrets ;;
    check) docker_check ;;
    *) die "docker has no command '$command'; see --help" ;;
  esac
}

# ------------------------------------------------------------------------------------------------------- Kubernetes

kube() { kubectl ${context:+--context "$context"} --namespace tableforge "$@"; }

k8s_check() {
  problems=()
  need_tool kubectl "see kubernetes.io/docs/tasks/tools"
  if [[ ! -e deploy/k8s/overlays/$overlay/kustomization.yaml ]]; then problems+=("there is no overlay $overlay in deploy/k8s/overlays"); fi
  if ((${#problems[@]} == 0)); then
    if ! kubectl kustomize "deploy/k8s/overlays/$overlay" >/dev/null 2>&1; then problems+=("kustomize refuses deploy/k8s/overlays/$overlay"); fi
    if ((!dry)); then
      if ! kubectl ${context:+--context "$context"} version --request-timeout=5s >/dev/null 2>&1; then
        problems+=("the cluster does not answer: see kubectl config get-contexts")
      elif ! kube get secret tableforge >/dev/null 2>&1; then
        problems+=("the secret tableforge is missing in the namespace tableforge: docs/operations/deploy.md says how to make it")
      fi
    fi
  fi
  if ((${#problems[@]})); then
    printf 'deploy: %s\n' "${problems[@]}" >&2
    die "${#problems[@]} things to put right before anything is done"
  fi
  say "the checks are passed"
}

# The manifests with the version put in; the overlay itself is not changed.
k8s_manifests() { # VERSION
  kubectl kustomize "deploy/k8s/overlays/$overlay" | sed -E "s#(image: .*tableforge):[^ ]*#\1:$1#"
}
only() { # KIND: the documents of that kind, or with a "!" before it all others
  awk -v kind="${1#!}" -v negate="$([[ $1 == !* ]] && echo 1 || echo 0)" 'BEGIN { RS = "---\n"; ORS = "---\n" } ($0 ~ "(^|\n)kind: " kind "\n") != (negate + 0)'
}

k8s_deploy() {
  k8s_check
  local target=${version:-$(git_version)} before=''
  if ((dry)); then
    echo "would run: kubectl apply of the namespace, the settings and the services of overlays/$overlay"
    echo "would run: the Job tableforge-migrate with image tag $target, and wait for it"
    echo "would run: kubectl apply of the Deployment with image tag $target, one pod at a time, and wait for the rollout"
    echo "would run: the Job tableforge-smoke, a game through the Service"
    k8s_manifests "$target" | sed -n 's/^kind: /would apply: /p'
    return
  fi
  before=$(kube get deployment tableforge -o jsonpath='{.spec.template.spec.containers[0].image}' 2>/dev/null || true)
  if [[ -n $before && $overlay == dev ]] && ((save)); then k8s_backup; fi
  kube delete job tableforge-migrate --ignore-not-found >/dev/null
  k8s_manifests "$target" | only !Deployment | kube apply -f -
  kube wait --for=condition=complete --timeout=600s job/tableforge-migrate || die "the migration failed: nothing was replaced; see kubectl logs job/tableforge-migrate"
  k8s_manifests "$target" | only Deployment | kube apply -f -
  if kube rollout status deployment/tableforge --timeout=900s && k8s_smoke "$target"; then
    say "$target is deployed"
    return
  fi
  if [[ -z $before ]]; then die "$target does not become ready, and there is no version before"; fi
  warn "$target does not become ready or does not pass the game: going back to $before"
  kube rollout undo deployment/tableforge
  kube rollout status deployment/tableforge --timeout=900s || die "going back failed too"
  die "$target was not deployed; $before runs, as before"
}

k8s_smoke() { # VERSION
  kube delete pod tableforge-smoke --ignore-not-found >/dev/null
  kube run tableforge-smoke --restart=Never --image="$(kube get deployment tableforge -o jsonpath='{.spec.template.spec.containers[0].image}')" \
    --labels=app.kubernetes.io/name=tableforge-smoke -- load --url ws://tableforge:8080 --tables 2 --players 3 --rate 60 --duration 3 --full --quiet
  local end=$((SECONDS + 120)) phase=''
  until [[ $phase == Succeeded || $phase == Failed ]] || ((SECONDS >= end)); do
    phase=$(kube get pod tableforge-smoke -o jsonpath='{.status.phase}')
    sleep 1
  done
  if [[ $phase != Succeeded ]]; then kube logs tableforge-smoke >&2 || true; fi
  kube delete pod tableforge-smoke --ignore-not-found >/dev/null
  [[ $phase == Succeeded ]]
}

k8s_backup() {
  if [[ $overlay != dev ]]; then die "in production PostgreSQL is a service of its own, and so are its backups: docs/operations/backup.md"; fi
  local file
  file=deploy/backups/k8s-$(date -u +%Y%m%dT%H%M%SZ).tar.gz
  run mkdir -p -m 700 deploy/backups
  if ((dry)); then
    echo "would run: pg_basebackup in the pod tableforge-postgres-0, into $file"
    return
  fi
  kube exec tableforge-postgres-0 -- pg_basebackup -h /run/postgresql -U postgres -D - -Ft -X fetch --checkpoint=fast -Z client-gzip:1 >"$file.part"
  gzip -t "$file.part"
  mv "$file.part" "$file"
  say "saved to $file"
}

k8s_main() {
  case $command in
    deploy) k8s_deploy ;;
    check) k8s_check ;;
    status)
      run kube get deployment,pod,hpa,pdb -o wide
      run kube rollout history deployment/tableforge
      ;;
    rollback)
      run kube rollout undo deployment/tableforge
      run kube rollout status deployment/tableforge --timeout=900s
      ;;
    restart)
      run kube rollout restart deployment/tableforge
      run kube rollout status deployment/tableforge --timeout=900s
      ;;
    scale)
      if [[ ! $argument =~ ^[1-9][0-9]*$ ]]; then die "scale needs a number"; fi
      warn "where the HorizontalPodAutoscaler is in force it decides; change its minReplicas in the overlay instead"
      run kube scale deployment/tableforge --replicas="$argument"
      ;;
    backup) k8s_backup ;;
    restore) die "restore PostgreSQL by its own means; docs/operations/backup.md has the order of things" ;;
    validate) die "forward the ports and use scripts/validate with --url, --admin and --prometheus; docs/operations/deploy.md shows it" ;;
    *) die "k8s has no command '$command'; see --help" ;;
  esac
}

"${platform}_main"
