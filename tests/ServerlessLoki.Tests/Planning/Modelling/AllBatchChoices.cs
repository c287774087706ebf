using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Tests.Planning.Modelling;

/// <summary>The best accuracy of a chain on one device by the plainest means: a program for each choice of batches.</summary>
internal static class AllBatchChoices
{
    /// <summary>Share-weighted accuracy of the best plan that serves all; NaN when there is none.</summary>
    public static double Best(PlanningProblem problem)
    {
        var variants = problem.Pipelines[0].Pipeline.Tasks.SelectMany(t => t.Variants.Select(v => (Task: t.Index, Variant: v))).ToArray();
        var profiles = variants.Select(v => problem.Profile.Find(v.Variant.Name, problem.Devices[0].Name)!).ToArray();
        var options = profiles.Select(p => p.Batches.ToArray().Where(b => b <= problem.Options.MaxBatch).ToArray()).ToArray();
        var (chosen, best) = (new int[variants.Length], double.NaN);
        while (true)
        {
            var accuracy = Solve(problem, variants, profiles, [.. chosen.Select((c, i) => options[i][c])]);
            if (!(accuracy <= best) && !double.IsNaN(accuracy))
                best = accuracy;
            var at = 0;
            while (at < chosen.Length && ++chosen[at] == options[at].Length)
                chosen[at++] = 0;
            if (at == chosen.Length)
                return best;
        }
    }

    private static double Solve(PlanningProblem problem, (int Task, Variant Variant)[] variants, BatchLatency[] profiles, int[] batches)
    {
        var demand = problem.Pipelines[0];
        var builder = new MixedIntegerProgramBuilder(ObjectiveSense.Maximise);
        var slots = builder.AddRow(0, problem.Devices[0].Slots);
        var all = builder.AddRow(1, 1);
        var capacity = new int[variants.Length];
        for (var v = 0; v < variants.Length; v++)
        {
            var replicas = builder.AddColumn(0, problem.Devices[0].Slots, 0, isInteger: true);
            builder.AddTerm(slots, replicas, 1);
            capacity[v] = builder.AddRow(double.NegativeInfinity, 0, [(replicas, -profiles[v].ThroughputQps(batches[v]))]);
        }

        AddPaths(task: 0, [], us: 0, rows: demand.DemandQps, accuracy: 1);
        var solution = new BranchAndBoundSolver().Solve(builder.Build());
        return solution.HasValues ? solution.Objective : double.NaN;

        void AddPaths(int task, (int At, double Rows)[] above, double us, double rows, double accuracy)
        {
            for (var v = 0; v < variants.Length; v++)
            {
                if (variants[v].Task != task || us + profiles[v].LatencyUs(batches[v]) > demand.Pipeline.SloUs * problem.Options.ProcessingShare * (1 + 1e-9))
                    continue;
                (int, double)[] path = [.. above, (v, rows)];
                var (usHere, accuracyHere) = (us + profiles[v].LatencyUs(batches[v]), accuracy * variants[v].Variant.Accuracy);
                if (task < demand.Pipeline.Tasks.Length - 1)
                {
                    AddPaths(task + 1, path, usHere, rows * demand.FanOut[task, variants[v].Variant.Index], accuracyHere);
                    continue;
                }

                var flow = builder.AddColumn(0, 1, accuracyHere);
                builder.AddTerm(all, flow, 1);
                foreach (var (at, load) in path)
                    builder.AddTerm(capacity[at], flow, load);
            }
        }
    }
}
