using System.Diagnostics;
using System.Globalization;

namespace ServerlessLoki.Azure.EndToEnd.Tests.Setup;

/// <summary>One of our executables as a process of its own, started from its own output folder.</summary>
internal sealed class AppProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<string> _lines = [];
    private readonly Process _process;
    private readonly string _name;
    private TaskCompletionSource _said = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AppProcess(string name, ProcessStartInfo start)
    {
        _name = name;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.ErrorDataReceived += (_, line) => Add(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>True when a test stopped or killed it.</summary>
    public bool WasEnded { get; private set; }

    /// <summary>True after SIGSTOP.</summary>
    public bool IsSuspended { get; private set; }

    /// <summary>The last lines that it wrote.</summary>
    public string Log
    {
        get
        {
            lock (_lines)
                return $"{_name}:{Environment.NewLine}{string.Join(Environment.NewLine, _lines.TakeLast(60))}";
        }
    }

    /// <summary>Starts an executable of this build, by its project's name.</summary>
    public static AppProcess Start(string project, IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        var folder = FolderOf(project);
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { "exec", Path.Combine(folder, project + ".dll") },
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        return new AppProcess(project, start);
    }

    /// <summary>Output folder of an executable of this build: artifacts/bin/PROJECT/release, beside the folder of these tests.</summary>
    public static string FolderOf(string project)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(own.Parent!.Parent!.FullName, project, own.Name);
    }

    /// <summary>What follows a text on a line of its output, now or to come.</summary>
    public async Task<string> SaysAsync(string text, CancellationToken cancellationToken)
    {
        var isOver = false;
        for (var from = 0; ;)
        {
            Task said;
            lock (_lines)
            {
                for (; from < _lines.Count; from++)
                {
                    var at = _lines[from].IndexOf(text, StringComparison.Ordinal);
                    if (at >= 0)
                        return _lines[from][(at + text.Length)..].Trim();
                }

                said = _said.Task;
            }

            if (isOver)
                throw new InvalidOperationException($"'{text}' was never said by {Log}");
            isOver = HasExited;
            // Its last lines may still be on their way: this waits for them too.
            if (isOver)
            {
                await _process.WaitForExitAsync(cancellationToken);
                continue;
            }

            try
            {
                // One that ends says no more.
                await Task.WhenAny(said, _process.WaitForExitAsync(cancellationToken)).WaitAsync(Patience, cancellationToken);
            }
            catch (TimeoutException exception)
            {
                throw new TimeoutException($"'{text}' was not said in time by {Log}", exception);
            }
        }
    }

    /// <summary>Sends a signal, by its name without SIG.</summary>
    public async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        IsSuspended |= signal == "STOP";
        using var kill = Process.Start("kill", ["-" + signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    /// <summary>SIGTERM, as the platform stops it.</summary>
    /// <returns>Its exit status.</returns>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        WasEnded = true;
        await SignalAsync("TERM", cancellationToken);
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(Patience, cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Kill -9.</summary>
    public async Task KillAsync()
    {
        WasEnded = true;
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (!HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private void Add(string? line)
    {
        TaskCompletionSource said;
        lock (_lines)
        {
            _lines.Add(line ?? "");
            (said, _said) = (_said, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        said.SetResult();
    }
}
