using System.Diagnostics;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Benchmarks.Serving;

/// <summary><c>loki up</c> in a process of its own: what it holds and what it logs is its alone.</summary>
internal sealed class LokiProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly Process _process;
    private long _logBytes;

    private LokiProcess(Process process, Uri address, Uri probes) => (_process, Address, ProbeAddress) = (process, address, probes);

    public Uri Address { get; }

    /// <summary>Its port for health alone.</summary>
    public Uri ProbeAddress { get; }

    /// <summary>Start to ready.</summary>
    public TimeSpan Ready { get; private set; }

    /// <summary>Characters on standard error so far.</summary>
    public long LogBytes => Interlocked.Read(ref _logBytes);

    public double ResidentMegabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1e6;
        }
    }

    /// <summary>Starts it on a free port; it is ready when the call returns.</summary>
    /// <param name="data">Its data folder.</param>
    /// <param name="arguments">More arguments of <c>loki up</c>.</param>
    public static Task<LokiProcess> StartAsync(string data, params string[] arguments) => StartOnAsync(null, data, arguments);

    /// <summary>Starts it on a free port and on some cores only.</summary>
    /// <param name="cores">List of cores as <c>taskset</c> takes it; null = all.</param>
    /// <param name="data">Its data folder.</param>
    /// <param name="arguments">More arguments of <c>loki up</c>.</param>
    public static async Task<LokiProcess> StartOnAsync(string? cores, string data, params string[] arguments)
    {
        var (port, probes) = (FixedPorts.Free(), FixedPorts.Free());
        var start = new ProcessStartInfo(cores is null ? "dotnet" : "taskset") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        if (cores is not null)
            foreach (var argument in (string[])["-c", cores, "dotnet"])
                start.ArgumentList.Add(argument);
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "loki.dll"), "up", "--data", data, "--port", $"{port}", "--probe-port", $"{probes}", .. arguments])
            start.ArgumentList.Add(argument);
        var clock = Stopwatch.StartNew();
        var loki = new LokiProcess(Process.Start(start)!, new Uri($"http://127.0.0.1:{port}/"), new Uri($"http://127.0.0.1:{probes}/"));
        loki.Read();
        using var http = new HttpClient { BaseAddress = loki.Address };
        while (!await IsReadyAsync(http))
        {
            if (loki._process.HasExited || clock.Elapsed > Patience)
            {
                await loki.DisposeAsync();
                throw new InvalidOperationException("loki up did not become ready.");
            }

            await Task.Delay(10);
        }

        loki.Ready = clock.Elapsed;
        return loki;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Read()
    {
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += (_, line) => Interlocked.Add(ref _logBytes, line.Data is { } text ? text.Length + 1 : 0);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private static async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            using var response = await http.GetAsync(new Uri("v2/health/ready", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
