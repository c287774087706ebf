using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Nats.Messaging;
using ServerlessLoki.Nats.Setup;
using ServerlessLoki.Serving.Distributed.Planner;
using Spectre.Console;

namespace ServerlessLoki.Cli.Cluster;

/// <summary>Command <c>loki cluster status</c>: workers, devices, plan, and how far each is behind.</summary>
internal static class StatusCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console)
    {
        var nats = new NatsCommandOptions();
        var command = new Command("status", "Show workers, devices and plan of a cluster");
        nats.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = nats.Read(parsed);
            await using var ports = new NatsPorts(options, new QueueOptions(), TimeProvider.System, NullLoggerFactory.Instance);
            var view = await ClusterFolder.TellAsync(() => ClusterView.ReadAsync(ports.State, TimeProvider.System, cancellationToken), options.Url);
            Show(console, view);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Show(CliConsole console, ClusterView view)
    {
        var version = view.Plan?.Plan.Version;
        console.Document(new
        {
            leader = view.Leader,
            plan = version,
            published = view.Plan?.Published,
            planner = view.Plan?.Planner,
            devices = view.Workers.GroupBy(w => w.Report.Device, StringComparer.Ordinal).Select(g => new { name = g.Key, workers = g.Count(), slots = g.Sum(w => w.Report.Slots) }),
            workers = view.Workers.Select(w => new
            {
                name = w.Report.Worker, device = w.Report.Device, zone = w.Report.Zone, slots = w.Report.Slots, report_age_s = Math.Max(0, w.Age.TotalSeconds), plan = w.Report.PlanVersion,
                queued = w.Report.Serving.Sum(s => s.Queued), serving = w.Report.Serving.Select(s => $"{s.Pipeline}/{s.Task}/{s.Variant}×{s.Replicas}"), fault = w.Report.Fault,
            }),
        });
        if (console.Json)
            return;
        console.Line(view.Leader is { } leader ? $"Planner {leader} leads." : "No planner leads: start one with 'loki cluster up' or 'loki cluster planner'.");
        console.Line(version is null ? "There is no plan yet." : $"Plan {version} of {view.Plan!.Published.ToString("u", CultureInfo.InvariantCulture)}: {view.Plan.Plan.Why.FirstOrDefault() ?? view.Plan.Plan.Proof.Step}");
        if (view.Workers.IsEmpty)
        {
            console.Line("No worker is registered: start one with 'loki cluster worker'.");
            return;
        }

        var table = new Table().AddColumns("Worker", "Device", "Zone", "Slots", "Report", "Plan", "Queued", "Serves");
        foreach (var (report, age) in view.Workers)
        {
            table.AddRow(((string[])
            [
                report.Worker, report.Device, report.Zone ?? "", $"{report.Slots}", $"{Math.Max(0, age.TotalSeconds):0} s ago", $"{report.PlanVersion}", $"{report.Serving.Sum(s => s.Queued)}",
                report.Fault ?? string.Join(", ", report.Serving.Select(s => $"{s.Variant}×{s.Replicas}")),
            ]).Select(Markup.Escape).ToArray());
        }

        console.Screen.Write(table);
    }
}
