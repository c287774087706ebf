using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ServerlessLoki.Azure.EndToEnd.Tests.Setup;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Azure.EndToEnd.Tests;

/// <summary>scripts/func.sh, as README says to run it: it gets ready, serves, and leaves nothing behind.</summary>
public sealed class FuncScriptTests
{
    /// <summary>Of Azurite and the broker, which the script starts at their usual ports.</summary>
    private static readonly int[] UsualPorts = [10000, 10001, 10002, 5672, 5300];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Script_Started_ServesAndEndsAllItStarted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "The script needs bash.");
        if (UsualPorts.FirstOrDefault(IsOpen) is > 0 and var taken)
            Assert.Skip($"Port {taken}, which the script uses, is taken.");
        // The app's port, whose successor is the worker's.
        var port = FixedPorts.Free(count: 2);
        using var script = Start(port);
        var lines = new List<string>();
        var errors = script.StandardError.ReadToEndAsync(Token);
        while (await script.StandardOutput.ReadLineAsync(Token) is { } line)
        {
            lines.Add(line);
            if (line.StartsWith("func: ready", StringComparison.Ordinal))
                break;
        }

        Assert.True(lines.Count > 0 && lines[^1].StartsWith("func: ready", StringComparison.Ordinal), string.Join('\n', lines) + (script.HasExited ? await errors : ""));
        var rest = script.StandardOutput.ReadToEndAsync(Token);
        using var http = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")), Timeout = TimeSpan.FromMinutes(2) };
        http.DefaultRequestHeaders.Add("x-deadline-ms", "60000");
        using var answer = await http.PostBytesAsync("/v2/models/traffic/infer", Runs.PictureOf(0), null, "image/png");
        Assert.Equal((HttpStatusCode.OK, ""), (answer.StatusCode, answer.IsSuccessStatusCode ? "" : await answer.TextAsync()));

        using (var kill = Process.Start("kill", ["-TERM", script.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(Token);
        await script.WaitForExitAsync(Token);

        Assert.Equal(143, script.ExitCode);
        Assert.DoesNotContain("is killed", await errors, StringComparison.Ordinal);
        Assert.DoesNotContain(UsualPorts.Append(port).Append(port + 1), IsOpen);
        await rest;
    }

    private static Process Start(int port)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "ServerlessLoki.sln")))
            root = root.Parent;
        var start = new ProcessStartInfo("bash", [Path.Combine(root.FullName, "scripts", "func.sh")]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["FUNC_PORT"] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment.Remove("ServiceBus");
        start.Environment.Remove("ServiceBus__administration");
        return Process.Start(start)!;
    }

    private static bool IsOpen(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
