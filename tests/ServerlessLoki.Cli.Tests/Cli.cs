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
}
