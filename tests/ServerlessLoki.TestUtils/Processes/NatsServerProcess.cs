using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace ServerlessLoki.TestUtils;

/// <summary>A real <c>nats-server</c> with JetStream on a port of its own over a folder of its own. It ends with the process that started it,
/// also if that is killed.</summary>
public sealed class NatsServerProcess : IAsyncDisposable
{
    private const string Command = "nats-server";

    // A shell between: it ends the server when its input ends, and says the server's id.
    private const string Keeper = "\"$@\" & p=$!; echo $p; read -r _; kill $p 2>/dev/null; wait $p";
    private readonly string _folder = Directory.CreateTempSubdirectory("loki-nats-").FullName;
    private readonly string? _configuration;
    private Process? _keeper;
    private int _server;

    private NatsServerProcess(string? configuration) => _configuration = configuration;

    /// <summary>Why there is none; null if it can be started.</summary>
    public static string? Missing =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Any(d => File.Exists(Path.Combine(d, Command)))
            ? null
            : $"The program '{Command}' is not installed (Debian: apt-get install {Command}).";

    /// <summary>Port of the running server, and of the next ones.</summary>
    public int Port { get; } = FixedPorts.Free();

    /// <summary>Address of the server.</summary>
    public string Url => $"nats://127.0.0.1:{Port}";

    /// <summary>Starts a server.</summary>
    /// <param name="configuration">Text of a configuration file, for example users with their permissions; null = none.</param>
    public static async Task<NatsServerProcess> StartAsync(string? configuration = null)
    {
        var server = new NatsServerProcess(configuration);
        await server.RunAsync();
        return server;
    }

    /// <summary>Starts it again, on the same port and with what is stored.</summary>
    public async Task RunAsync()
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}{Path.PathSeparator}/usr/sbin";
        foreach (var argument in (string[])["-c", Keeper, "sh", Command, "-a", "127.0.0.1", "-p", $"{Port}", "-js", "-sd", Path.Combine(_folder, "store"), "-l", Path.Combine(_folder, "log")])
            start.ArgumentList.Add(argument);
        if (_configuration is not null)
        {
            var file = Path.Combine(_folder, "server.conf");
            await File.WriteAllTextAsync(file, _configuration);
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(file);
        }

        _keeper = Process.Start(start)!;
        _server = int.Parse((await _keeper.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        for (var tries = 0; !await AnswersAsync(); tries++)
        {
            if (tries > 600 || _keeper.HasExited)
                throw new InvalidOperationException($"{Command} did not start: {await File.ReadAllTextAsync(Path.Combine(_folder, "log"))}");
            await Task.Delay(100);
        }
    }

    /// <summary>SIGKILL: what it has acknowledged in file streams is there at the next <see cref="RunAsync"/>.</summary>
    public async Task KillAsync()
    {
        using var server = Process.GetProcessById(_server);
        server.Kill();
        await StopAsync();
    }

    /// <summary>Stops it in an orderly way.</summary>
    public async Task StopAsync()
    {
        if (_keeper is not { } keeper)
            return;
        _keeper = null;
        keeper.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await keeper.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            keeper.Kill(entireProcessTree: true);
        }

        keeper.Dispose();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Tests whether the server greets: it listens a little before it can serve.</summary>
    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await client.ConnectAsync("127.0.0.1", Port, limit.Token);
            return await client.GetStream().ReadAsync(new byte[1], limit.Token) == 1;
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
