#!/usr/bin/env bash
# Prepares a fresh clone: needs the .NET SDK and, only where the package feed lacks ONNX Runtime, npm. No root.
#   scripts/setup.sh           quick when nothing changed
#   scripts/setup.sh --force   asks the package feed again
# 1. Asks the feed once which of the packages with a stand-in (src/StandIns/<PackageId>) it lacks, and writes that
#    list to Directory.Build.local.props (not committed). An empty list means: all real packages.
# 2. Puts the native ONNX Runtime library that the stand-in, or else only its tests, need into .native/<rid>.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

ort_npm_version=1.30.0
ort_npm_integrity=sha512-twhs1C2C/BFkz1yc5OY0KIU2GUq6DURO7hD4bx5Q2Qy3nAMJwRXW8xU3NVczE29VA9lolLOYepoD8fjTGOfIqw==

force=false
case "${1:-}" in
  --force) force=true ;;
  "") ;;
  *) echo "setup: unknown option '$1' (known: --force)" >&2; exit 2 ;;
esac

fail() { echo "setup: $*" >&2; exit 1; }
say() { echo "setup: $*"; }

command -v dotnet >/dev/null || fail "the .NET SDK is missing: install .NET 10 (https://dot.net), then run this again"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

hash_of() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d' ' -f1; }
version_of() { sed -n "s/.*PackageVersion Include=\"$1\" Version=\"\([^\"]*\)\".*/\1/p" Directory.Packages.props; }

ort_version=$(version_of Microsoft.ML.OnnxRuntime)

candidates=()
for dir in src/StandIns/*/; do
  id=$(basename "$dir")
  if [ -f "$dir$id.csproj" ] && [ -n "$(version_of "$id")" ]; then candidates+=("$id"); fi
done

# Answers 0 when the feed (or the local package cache) has the package, 1 when it says that it does not. Asked as the
# product asks, with its central versions and warnings as errors: a feed that has the package, but only another version
# of what it depends on (NU1603), lacks it too.
cp Directory.Packages.props "$scratch"
if [ -f NuGet.config ]; then cp NuGet.config "$scratch"; fi
feed_has() {
  local id=$1 dir=$scratch/$1
  mkdir -p "$dir"
  cat > "$dir/probe.csproj" <<PROBE
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
    <NuGetAudit>false</NuGetAudit>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="$id" /></ItemGroup>
</Project>
PROBE
  if dotnet restore "$dir/probe.csproj" -v q > "$dir/log" 2>&1; then return 0; fi
  if grep -qE 'NU1101|NU1102|NU1103|NU1603' "$dir/log"; then return 1; fi
  cat "$dir/log" >&2
  fail "could not ask the package feed about $id (see above); check the network and 'dotnet nuget list source', then run this again"
}

props=Directory.Build.local.props
key=$({ cat Directory.Packages.props; printf '%s\n' "${candidates[@]}"; } | hash_of)
if ! $force && [ -f "$props" ] && grep -q "$key" "$props"; then
  say "packages: as asked before ($(sed -n 's/.*<StandIns>\(.*\)<\/StandIns>.*/stand-ins: \1/p' "$props")); --force asks again"
else
  lacking=()
  for id in "${candidates[@]}"; do
    version=$(version_of "$id")
    if feed_has "$id"; then
      say "packages: $id $version is on the feed"
    else
      say "packages: $id $version is not on the feed, its stand-in is built instead"
      lacking+=("$id")
    fi
  done
  list=$(IFS=';'; echo "${lacking[*]:-}")
  cat > "$props" <<PROPS
<Project>
  <!-- Written by scripts/setup.sh (option 'force' asks the feed again); key of what was asked: $key -->
  <PropertyGroup Condition="'\$(StandIns)' == ''">
    <StandIns>$list</StandIns>
  </PropertyGroup>
</Project>
PROPS
fi

if grep -q '<StandIns>.*Google.OrTools' "$props" && [ "$(uname -s)" = Linux ] && ! { ldconfig -p 2>/dev/null || /sbin/ldconfig -p; } | grep -q libCbcSolver.so.3; then
  say "native: libCbcSolver.so.3, which stands in for Google.OrTools, is not installed (Debian: apt-get install coinor-libcbc3); only the solver 'ortools' needs it"
fi

real=true
if grep -q '<StandIns>.*Microsoft.ML.OnnxRuntime' "$props"; then real=false; fi

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64)          rid=linux-x64;   npm_dir=linux/x64;    lib=libonnxruntime.so ;;
  Linux-aarch64)         rid=linux-arm64; npm_dir=linux/arm64;  lib=libonnxruntime.so ;;
  Darwin-arm64)          rid=osx-arm64;   npm_dir=darwin/arm64; lib=libonnxruntime.dylib ;;
  MINGW*-x86_64|MSYS*-x86_64) rid=win-x64; npm_dir=win32/x64;   lib=onnxruntime.dll ;;
  *)
    if $real; then say "native: comes with the package"; exit 0; fi
    fail "no ONNX Runtime library is known for $(uname -s) $(uname -m)" ;;
esac

native=.native/$rid
if $real; then want="NuGet Microsoft.ML.OnnxRuntime $ort_version"; else want="npm onnxruntime-node $ort_npm_version"; fi
if [ -f "$native/$lib" ] && [ "$(cat "$native/origin" 2>/dev/null)" = "$want" ]; then
  say "native: $native/$lib is there ($want)"
  exit 0
fi

if $real; then
  # The product takes the library from the package; this copy is for the stand-in's own tests.
  feed_has Microsoft.ML.OnnxRuntime || fail "Microsoft.ML.OnnxRuntime $ort_version has gone from the package feed; run this again with --force"
  packages=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')
  cp "${packages%/}/microsoft.ml.onnxruntime/$ort_version/runtimes/$rid/native/$lib" "$scratch/$lib"
else
  command -v npm >/dev/null || fail "the package feed lacks Microsoft.ML.OnnxRuntime, so its native library comes from npm, and npm is missing: install Node.js (https://nodejs.org), then run this again"
  say "native: fetching onnxruntime-node@$ort_npm_version from npm (about 110 MB)"
  # 'pack' only downloads: the package's install script, which would fetch GPU libraries, does not run.
  (cd "$scratch" && npm pack --silent --ignore-scripts "onnxruntime-node@$ort_npm_version" >/dev/null) \
    || fail "npm could not download onnxruntime-node@$ort_npm_version"
  tgz=$scratch/onnxruntime-node-$ort_npm_version.tgz
  found=$(node -e 'const c=require("crypto"),h=c.createHash("sha512");require("fs").createReadStream(process.argv[1]).on("data",d=>h.update(d)).on("end",()=>console.log("sha512-"+h.digest("base64")))' "$tgz")
  [ "$found" = "$ort_npm_integrity" ] || fail "onnxruntime-node@$ort_npm_version is not the expected file: found $found, expected $ort_npm_integrity"
  member=$(tar tzf "$tgz" | grep -E "^package/bin/napi-v[0-9]+/$npm_dir/(libonnxruntime\.so|libonnxruntime\.1\.dylib|onnxruntime\.dll)" | head -n 1 || true)
  [ -n "$member" ] || fail "onnxruntime-node@$ort_npm_version has no library for $npm_dir"
  tar xzf "$tgz" -O "$member" > "$scratch/$lib"
fi
mkdir -p "$native"
mv "$scratch/$lib" "$native/$lib.new"
mv "$native/$lib.new" "$native/$lib"
printf '%s' "$want" > "$native/origin"
say "native: $native/$lib from $want"
