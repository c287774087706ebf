using System.CommandLine;
using ServerlessLoki.Cli.Comparison;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Cli.Plugins;
using ServerlessLoki.Cli.Report;
using ServerlessLoki.Scenarios.Comparison;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Command <c>loki compare</c>: several policies on the same traffic.</summary>
internal static class CompareCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console, Known known)
    {
        var file = ScenarioOptions.File();
        var policies = new Option<string[]>("--policies")
        {
            Description = "Policies, by their labels in the scenario or their names; default all that the scenario lists",
            HelpName = "A,B,…",
            CustomParser = r => [.. r.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))],
        };
        var trace = ScenarioOptions.Trace();
        var seeds = new Option<int?>("--seeds") { Description = "Repeat with seeds 1 to N; default the scenario's own, else 5", HelpName = "N" }.Within(1, 1000);
        var threads = new Option<int?>("--threads") { Description = "Simulations at the same time; default one per core. Figures do not depend on it", HelpName = "N" }.Within(1, 1024);
        var html = new Option<FileInfo>("--html") { Description = "Also write the report, with plots over time, as one HTML page that needs no network", HelpName = "OUT" };
        var command = new Command("compare", "Let policies meet the same traffic and show who does best, with confidence over seeds") { file, policies, trace, seeds, threads, html };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var models = new SequenceModels(parsed.GetValue(file)!.DirectoryName!);
            var read = await ScenarioOptions.ReadAsync(parsed.GetValue(file)!, models, known, cancellationToken).ConfigureAwait(false);
            var scenario = ScenarioOptions.WithTrace(read, parsed.GetValue(trace));
            var asked = parsed.GetValue(policies) is { Length: > 0 } given ? given : [.. scenario.Policies.Select(p => p.Label)];
            if (asked.Length == 0)
                throw new BadInputException("--policies: nothing to compare: name some, or list \"policies\" in the scenario");
            var names = ScenarioOptions.Policies("--policies", scenario, asked);
            using var report = parsed.GetValue(html) is { } page ? PromisedFile.Claim("--html", page) : null;
            var options = new ComparisonOptions
            {
                Seeds = parsed.GetValue(seeds) is { } n ? [.. Enumerable.Range(1, n).Select(i => (ulong)i)] : scenario.Seeds,
                Threads = parsed.GetValue(threads),
                Clock = TimeProvider.System,
            };
            var result = await Task.Run(
                () => ComparisonProgressView.Show(console, progress => ScenarioComparison.Run(scenario, names, options, progress, cancellationToken)), cancellationToken).ConfigureAwait(false);
            ComparisonTables.Print(console.Screen, result);
            if (report is not null)
            {
                await report.KeepAsync(ReportPage.Render(result, [.. scenario.Problem.Pipelines.Select(p => p.Pipeline)]), cancellationToken).ConfigureAwait(false);
                console.Line($"Report: {report.Path}");
            }

            console.Document(ComparisonDocument.Of(result, report?.Path));
            return result.Policies.All(p => p.Refused is not null) ? ExitCodes.Failed : ExitCodes.Ok;
        });
        return command;
    }
}
