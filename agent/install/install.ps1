# Installs the Reeve agent on this machine, brings it up to date, or takes it away again (-Uninstall). The appliance hands this out with its
# own address, key and hashes in place of the words between @; the line in its dashboard compares the hash of this file.
# -Allow 'update_agent;restart_service=Spooler' says what the appliance may ever ask this machine to do, -ReadOnly that it only watches.
#Requires -RunAsAdministrator
param([switch]$Uninstall, [string]$Allow = '', [switch]$ReadOnly)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$hub = '@HUB@'
$pin = '@PIN@'
$scriptSha256 = '@SCRIPT_SHA256@'
$executables = '@EXECUTABLES@'
$nodeFlags = '@NODE_FLAGS@'
$leastNode = [version]'20.19'

$task = 'Reeve agent'
$program = Join-Path $env:ProgramFiles 'Reeve'
$state = Join-Path $env:ProgramData 'Reeve\agent'

# From the appliance, and only what this script was promised: curl.exe of Windows pins no key, the hash does.
function Get-Promised($path, $file, $sha256) {
  & curl.exe -fsSk "$hub/$path" -o $file
  if ($LASTEXITCODE -ne 0) { throw "$hub/$path could not be fetched." }
  if ((Get-FileHash $file -Algorithm SHA256).Hash -ne $sha256.ToUpper()) {
    Remove-Item $file
    throw "$path is not what the appliance promised: it was updated in the meantime? Run the line again."
  }
}

function Expand-Gzip($from, $to) {
  $packed = [IO.File]::OpenRead($from)
  $file = [IO.File]::Create($to)
  $unpacking = New-Object IO.Compression.GZipStream($packed, [IO.Compression.CompressionMode]::Decompress)
  try { $unpacking.CopyTo($file) } finally { $unpacking.Dispose(); $file.Dispose() }
  Remove-Item $from
}

# A Node for everybody on this machine that is new enough, or nothing.
function Find-Node {
  $found = Join-Path $env:ProgramFiles 'nodejs\node.exe'
  if (-not (Test-Path $found)) { return $null }
  if ([version]((& $found --version).TrimStart('v')) -lt $leastNode) { return $null }
  return $found
}

# Its program cannot be replaced while it runs, and nothing may start it again meanwhile.
function Stop-Agent {
  if (-not (Get-ScheduledTask -TaskName $task -ErrorAction SilentlyContinue)) { return }
  Stop-ScheduledTask -TaskName $task
  $latest = (Get-Date).AddSeconds(30)
  while ((Get-ScheduledTask -TaskName $task).State -eq 'Running') {
    if ((Get-Date) -gt $latest) { throw "The task '$task' does not end: end it in the Task Scheduler, and run the line again." }
    Start-Sleep -Milliseconds 200
  }
  Disable-ScheduledTask -TaskName $task | Out-Null
}

# Into the agent's own file, which stands where only administrators write: neither the agent nor the appliance can change it.
function Set-Ceiling($run, $first) {
  $file = Join-Path $program 'agent.json'
  $words = @($Allow -split ';' | Where-Object { $_ })
  if ($words -and $ReadOnly) { throw 'Say -Allow or -ReadOnly, not both.' }
  if ($words) { & $run @first ceiling allow @words --config $file }
  elseif ($ReadOnly) { & $run @first ceiling read-only --config $file }
  else { return }
  if ($LASTEXITCODE -ne 0) { throw 'Nothing was allowed, and the agent is not started: correct the line and run it again.' }
}

function Register-Agent($run, $words) {
  $action = New-ScheduledTaskAction -Execute $run -Argument (($words | ForEach-Object { "`"$_`"" }) -join ' ')
  # Windows tries again 255 times at most, and not after every end: so it is also started each five minutes, where it does not run already.
  $triggers = (New-ScheduledTaskTrigger -AtStartup), (New-ScheduledTaskTrigger -Once -At (Get-Date) -RepetitionInterval (New-TimeSpan -Minutes 5))
  $settings = New-ScheduledTaskSettingsSet -MultipleInstances IgnoreNew -RestartCount 255 -RestartInterval (New-TimeSpan -Minutes 1) -ExecutionTimeLimit ([TimeSpan]::Zero) -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -StartWhenAvailable
  $account = New-ScheduledTaskPrincipal -UserId 'NT AUTHORITY\LOCAL SERVICE' -LogonType ServiceAccount
  Register-ScheduledTask -TaskName $task -Action $action -Trigger $triggers -Settings $settings -Principal $account -Force | Out-Null
}

function Install-Agent {
  New-Item -ItemType Directory -Force $program, $state | Out-Null
  # The account of the service may write its state, people may not read it.
  & icacls.exe $state /inheritance:r /grant '*S-1-5-32-544:(OI)(CI)F' '*S-1-5-18:(OI)(CI)F' '*S-1-5-19:(OI)(CI)M' | Out-Null
  # Beside the agent that runs, which goes on where the new one cannot be had whole.
  $node = Find-Node
  if ($node) {
    $file = Join-Path $program 'agent.cjs'
    Get-Promised 'agent.cjs' "$file.new" $scriptSha256
    $run = $node
    $first = @($nodeFlags -split ' ') + $file
  } else {
    $line = $executables -split "`n" | Where-Object { $_ -like 'win32-x64 gz *' }
    if (-not $line) { throw "This appliance has no executable for Windows: install Node $leastNode or newer for all users and run the line again, or build it on the appliance (npm run build:executables)." }
    $file = Join-Path $program 'reeve-agent.exe'
    $sums = $line.Trim() -split ' '
    Get-Promised 'agent/win32-x64.gz' "$file.gz" $sums[2]
    Expand-Gzip "$file.gz" "$file.new"
    if ((Get-FileHash "$file.new" -Algorithm SHA256).Hash -ne $sums[3].ToUpper()) {
      Remove-Item "$file.new"
      throw 'agent/win32-x64.gz does not hold what was promised: the files of the appliance are damaged, or somebody changed them.'
    }
    $run = $file
    $first = @()
  }
  Stop-Agent
  Move-Item -Force "$file.new" $file
  Set-Ceiling $run $first
  $env:REEVE_AGENT_STATE = $state
  if ($env:REEVE_TOKEN -or (Test-Path (Join-Path $state 'agent.json'))) {
    & $run @first pair --hub $hub
    if ($LASTEXITCODE -ne 0) { throw 'It is installed, but not paired and not started. Make a new token in the dashboard, and run its line again; or take all away with -Uninstall.' }
  } else { throw 'A new machine needs a token: take the line of "Add host" in the dashboard, which has one.' }
  Register-Agent $run ($first + '--state', $state)
  Start-ScheduledTask -TaskName $task
  Write-Output 'The Reeve agent runs and starts with this machine.'
}

function Uninstall-Agent {
  Stop-Agent
  $env:REEVE_AGENT_STATE = $state
  $exe = Join-Path $program 'reeve-agent.exe'
  $file = Join-Path $program 'agent.cjs'
  $node = Find-Node
  if (Test-Path $exe) { & $exe unpair } elseif ($node -and (Test-Path $file)) { & $node $file unpair }
  if (Get-ScheduledTask -TaskName $task -ErrorAction SilentlyContinue) { Unregister-ScheduledTask -TaskName $task -Confirm:$false }
  foreach ($each in $program, $state) { if (Test-Path $each) { Remove-Item -Recurse -Force $each } }
  $above = Split-Path $state
  if ((Test-Path $above) -and -not (Get-ChildItem -Force $above)) { Remove-Item $above }
  Write-Output 'The Reeve agent is gone from this machine. Its host and history stay on the appliance until they are removed there.'
}

if ($Uninstall) { Uninstall-Agent } else { Install-Agent }
