using System.Globalization;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Planning;
using Spectre.Console;

namespace ServerlessLoki.Cli.Planning;

/// <summary>Plan as tables.</summary>
internal static class PlanTables
{
    /// <summary>Prints slots, flows, proof and, if requested, the reasons.</summary>
    public static void Print(IAnsiConsole screen, string scenario, PlanningProblem problem, Plan plan, bool explain)
    {
        screen.WriteLine($"{scenario}: policy {plan.Policy}");
        for (var i = 0; i < problem.Pipelines.Length; i++)
        {
            var pipeline = problem.Pipelines[i].Pipeline;
            screen.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {pipeline.Name}: {LoadTables.Share(plan.ServedShare[i])} of {plan.DemandQps[i]:0.##} queries/s served, predicted {LoadTables.Number(PlanDocument.PredictedP99Ms(plan, i))} of {pipeline.SloUs / 1000.0:0.#} ms"));
        }

        screen.Write(Slots(problem, plan));
        screen.Write(Flows(problem, plan));
        screen.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"expected accuracy {plan.Accuracy:F4}, {plan.Replicas} slots in use{(plan.CostPerHour > 0 ? $", {plan.CostPerHour:0.###} per hour" : string.Empty)}"));
        screen.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"proof: {plan.Proof.Step} step {plan.Proof.Status}, objective {plan.Proof.Objective:G6}, bound {plan.Proof.Bound:G6}, gap {100 * plan.Proof.Gap:0.###} %, {plan.Proof.Nodes} nodes"));
        if (!explain)
            return;
        screen.WriteLine("why:");
        foreach (var sentence in plan.Why)
            screen.Write(new Padder(new Text(sentence), new Padding(2, 0, 0, 0)));
    }

    private static Table Slots(PlanningProblem problem, Plan plan)
    {
        var table = Table("task", "variant", "device").Title("slots");
        foreach (var name in (string[])["batch", "×", "load/s", "of", "batch ms"])
            table.AddColumn(new TableColumn(name).RightAligned().NoWrap().Padding(0, 1));
        foreach (var slot in plan.Slots)
        {
            var task = problem.Pipelines[slot.Pipeline].Pipeline.Tasks[slot.Task];
            table.AddRow(
                Markup.Escape(Prefix(problem, slot.Pipeline) + task.Name), Markup.Escape(string.Join(" or ", slot.Held.Select(v => task.Variants[v].Name))),
                Markup.Escape(problem.Devices[slot.Device].Name), $"{slot.Batch}", $"{slot.Replicas}",
                LoadTables.Number(slot.LoadQps), LoadTables.Number(slot.CapacityQps), LoadTables.Number(slot.LatencyUs / 1000));
        }

        return table;
    }

    private static Table Flows(PlanningProblem problem, Plan plan)
    {
        var table = Table("path").Title("flows");
        table.AddColumn(new TableColumn("queries/s").RightAligned().NoWrap().Padding(0, 1));
        table.AddColumn(new TableColumn("accuracy").RightAligned().NoWrap().Padding(0, 1));
        foreach (var flow in plan.Flows)
        {
            var tasks = problem.Pipelines[flow.Pipeline].Pipeline.Tasks;
            table.AddRow(
                Markup.Escape(Prefix(problem, flow.Pipeline) + string.Join(" → ", flow.Steps.Select(s => tasks[s.Task].Variants[s.Variant].Name))),
                LoadTables.Number(flow.Qps), LoadTables.Accuracy(flow.Accuracy));
        }

        return table;
    }

    private static string Prefix(PlanningProblem problem, int pipeline) =>
        problem.Pipelines.Length == 1 ? string.Empty : problem.Pipelines[pipeline].Pipeline.Name + ": ";

    private static Table Table(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var name in columns)
            table.AddColumn(new TableColumn(name).Padding(0, 1));
        return table;
    }
}
