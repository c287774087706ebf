using System.CommandLine;
using ServerlessLoki.Cli.Checking;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Command <c>loki check</c>: sends the same rows alone and together to a running server, and compares the answers.</summary>
internal static class CheckCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console)
    {
        var url = new Option<Uri>("--url") { Description = "Base address of the server", Required = true, HelpName = "URL" }.MustBeHttp();
        var model = new Option<string>("--model") { Description = "Pipeline or variant; default every one that is served", HelpName = "NAME" };
        var seed = new Option<ulong>("--seed") { Description = "Same seed, same rows", DefaultValueFactory = _ => 1, HelpName = "N" }.Within(0UL, ulong.MaxValue);
        var patience = new Option<double>("--patience")
        {
            Description = "Seconds to ask again while the server is busy",
            DefaultValueFactory = _ => 30,
            HelpName = "S",
        }.Within(0, 3600);
        var command = new Command("check", "Check that a running server gives each row the same answer alone and in a batch") { url, model, seed, patience };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var server = LoadCommand.Base(parsed.GetValue(url)!);
            using var client = HttpLoadTarget.Client(TimeSpan.FromSeconds(60));
            var reports = new List<CheckReport>();
            foreach (var served in await ServedModel.AskAsync(client, server, parsed.GetValue(model), cancellationToken))
            {
                var check = new ModelCheck(client, server, served, parsed.GetValue(seed), TimeSpan.FromSeconds(parsed.GetValue(patience)), TimeProvider.System);
                reports.Add(await check.RunAsync(cancellationToken));
            }

            CheckTables.Print(console.Screen, reports);
            console.Document(new { url = server.ToString(), passed = reports.TrueForAll(r => r.Passed), models = reports });
            return reports.TrueForAll(r => r.Passed) ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }
}
