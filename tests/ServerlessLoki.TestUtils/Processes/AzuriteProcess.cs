using System.Diagnostics;

namespace ServerlessLoki.TestUtils;

/// <summary>A real Azurite on ports of its own over a folder of its own. It ends with the process that started it, also if that is killed.</summary>
public sealed class AzuriteProcess : IAsyncDisposable
{
    private static readonly string Main = Path.Combine(".native", "azurite", "node_modules", "azurite", "dist", "src", "azurite.js");
    private readonly string _folder = Directory.CreateTempSubdirectory("loki-azurite-").FullName;
    private readonly string _root;
    private readonly int _ports = FixedPorts.Free(count: 3);
    private Process? _process;

    private AzuriteProcess(string root) => _root = root;

    /// <summary>Of the running process, and of the next ones.</summary>
    public string ConnectionString =>
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
        + $"BlobEndpoint=http://127.0.0.1:{_ports}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:{_ports + 1}/devstoreaccount1;TableEndpoint=http://127.0.0.1:{_ports + 2}/devstoreaccount1";

    /// <summary>Why there is none; null if it can be started.</summary>
    public static string? Missing => Root() is null ? "Azurite is not installed: run scripts/azurite.sh install (it needs npm)" : null;

    public static async Task<AzuriteProcess> StartAsync()
    {
        var azurite = new AzuriteProcess(Root() ?? throw new InvalidOperationException(Missing));
        await azurite.RunAsync();
        return azurite;
    }

    /// <summary>False after <see cref="StopAsync"/> and <see cref="KillAsync"/>.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Starts it, on the same ports as before.</summary>
    public async Task RunAsync()
    {
        var start = new ProcessStartInfo("node") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in (string[])
                 [Path.Combine(_root, "scripts", "azurite", "run.js"), "--end-with-input", Path.Combine(_root, Main), "--location", _folder, "--silent", "--disableTelemetry", "--skipApiVersionCheck",
                  "--blobPort", $"{_ports}", "--queuePort", $"{_ports + 1}", "--tablePort", $"{_ports + 2}"])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        var errors = _process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        for (var services = 0; services < 3;)
        {
            var line = await _process.StandardOutput.ReadLineAsync(limit.Token)
                ?? throw new InvalidOperationException("Azurite did not start: " + await errors);
            if (line.Contains("service is successfully listening at", StringComparison.Ordinal))
                services++;
        }

        _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
    }

    /// <summary>Stops it in an orderly way: what it stored is there at the next <see cref="RunAsync"/>.</summary>
    public async Task StopAsync()
    {
        if (_process is not { } process)
            return;
        _process = null;
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }

    /// <summary>SIGKILL: what it has answered is there at the next <see cref="RunAsync"/> all the same.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        _process = null;
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The repository's folder, if Azurite is installed in it.</summary>
    private static string? Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "ServerlessLoki.sln")))
                continue;
            return File.Exists(Path.Combine(folder.FullName, Main)) ? folder.FullName : null;
        }

        return null;
    }
}
