using System.Diagnostics;
using System.Globalization;

namespace ServerlessLoki.StandIns.Tests.ServiceBus;

/// <summary>The broker as a process of its own.</summary>
internal sealed class BrokerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private BrokerProcess(Process process) => _process = process;

    public static async Task<BrokerProcess> StartAsync(string path)
    {
        var dll = Path.Combine(AppContext.BaseDirectory, "Azure.Messaging.ServiceBus.Broker.dll");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false, ArgumentList = { "exec", dll, path } };
        var process = Process.Start(start)!;
        Assert.StartsWith("broker: ready", await process.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        return new BrokerProcess(process);
    }

    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
        return ValueTask.CompletedTask;
    }
}
