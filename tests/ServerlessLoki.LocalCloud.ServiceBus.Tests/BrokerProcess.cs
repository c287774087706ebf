using System.Diagnostics;
using System.Globalization;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.LocalCloud.ServiceBus.Tests;

/// <summary>The broker as a process of its own, as scripts start it.</summary>
internal sealed class BrokerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private BrokerProcess(Process process, string connection, string administration) => (_process, Connection, Administration) = (process, connection, administration);

    public string Connection { get; }

    public string Administration { get; }

    public static Process Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "ServerlessLoki.LocalCloud.ServiceBus.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return Process.Start(start)!;
    }

    public static Task<BrokerProcess> StartAsync(string? data = null)
    {
        var ports = FixedPorts.Free(count: 2);
        return StartAsync(data, ports, ports + 1);
    }

    private static async Task<BrokerProcess> StartAsync(string? data, int amqpPort, int adminPort)
    {
        var process = Run(["--amqp-port", $"{amqpPort}", "--admin-port", $"{adminPort}", .. data is null ? Array.Empty<string>() : ["--data", data]]);
        var line = await process.StandardOutput.ReadLineAsync(TestBus.Stop);
        Assert.StartsWith("Service Bus broker for development and tests, on loopback only: ready.", line, StringComparison.Ordinal);
        var connection = await ValueAsync(process, "ServiceBus=");
        // A full pipe would stop it.
        _ = process.StandardError.ReadToEndAsync(TestBus.Stop);
        return new BrokerProcess(process, connection, await ValueAsync(process, "ServiceBus__administration="));
    }

    /// <summary>The same again on its ports, after <see cref="KillAsync"/>.</summary>
    public Task<BrokerProcess> StartAgainAsync(string data) => StartAsync(data, PortOf(Connection), PortOf(Administration));

    public ServiceBusClient Client() => new(Connection);

    public ServiceBusAdministrationClient Admin() => new(Administration);

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestBus.Stop);
    }

    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync(TestBus.Stop);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private static int PortOf(string connection) => ServiceBusConnectionStringProperties.Parse(connection).Endpoint.Port;

    private static async Task<string> ValueAsync(Process process, string name)
    {
        var line = await process.StandardOutput.ReadLineAsync(TestBus.Stop) ?? "";
        Assert.StartsWith(name, line, StringComparison.Ordinal);
        return line[name.Length..];
    }
}
