using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace ServerlessLoki.Integration.Tests;

/// <summary>Signals that ask <c>loki up</c> to end: each drains it.</summary>
public sealed class UpSignalTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("loki-signal").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(15)]
    public async Task Up_Signalled_StopsInOrderWithCode0(int signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere 'env' cannot give a process its signals back.");
        var token = TestContext.Current.CancellationToken;
        using var loki = Process.Start(new ProcessStartInfo("env")
        {
            // A shell starts what runs in the background, as tests may do, with signals ignored, which a process inherits and keeps.
            ArgumentList = { "--default-signal=HUP,INT,QUIT,TERM", Path.Combine(AppContext.BaseDirectory, "loki"), "up", "--json", "--port", "0", "--data", _data },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        try
        {
            var document = await ReadDocumentAsync(loki, token);
            Assert.Equal(loki.Id, document.GetProperty("pid").GetInt32());

            Assert.Equal(0, Kill(loki.Id, signal));
            await loki.WaitForExitAsync(token).WaitAsync(TimeSpan.FromMinutes(2), token);

            Assert.Equal(0, loki.ExitCode);
            Assert.Empty(await loki.StandardError.ReadToEndAsync(token));
            // The store was closed, and not cut off: its log is folded into it.
            Assert.False(File.Exists(Path.Combine(_data, "loki.db-wal")));
        }
        finally
        {
            if (!loki.HasExited)
                loki.Kill();
        }
    }

    private static async Task<JsonElement> ReadDocumentAsync(Process process, CancellationToken token)
    {
        var text = "";
        while (await process.StandardOutput.ReadLineAsync(token) is { } line)
        {
            text += line;
            if (line.StartsWith('}') || (line.StartsWith('{') && line.EndsWith('}')))
                break;
        }

        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
