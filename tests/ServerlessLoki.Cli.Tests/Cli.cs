using System.Text.Json;
using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Tests;

/// <summary>Runs command lines in this process.</summary>
internal static class Cli
{
    public static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var code = await CliApp.RunAsync(args, output, error, Terminal.Plain with { Width = 80 }, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Runs with <c>--json</c>; fails unless standard output is exactly one document.</summary>
    public static async Task<(int Code, JsonElement Document, string Error)> JsonAsync(params string[] args)
    {
        var (code, output, error) = await RunAsync([.. args, "--json"]);
        using var document = JsonDocument.Parse(output);
        return (code, document.RootElement.Clone(), error);
    }

    /// <summary>Names of an object's members.</summary>
    public static string[] Members(this JsonElement element) => [.. element.EnumerateObject().Select(p => p.Name)];
}
