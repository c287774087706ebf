using System.Collections.Immutable;
using System.Diagnostics;
using ServerlessLoki.OrTools;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Modelling.Chains;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Profiles;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Benchmarks.Planning;

/// <summary>Plan time in a warm process, medians, with CBC on the same programs beside it. "Cold" plans without a plan in force;
/// "warm" starts from the plan for 3 % less demand.</summary>
internal static class PlanningBenchmark
{
    private const int Runs = 9;
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan CbcLimit = TimeSpan.FromSeconds(5);
    private static readonly OrToolsSolver? Native = FindNative();

    private static string _only = "";

    /// <summary>Runs; an argument is text that an instance's name must begin with.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        _only = args.FirstOrDefault() ?? "";
        if (Native is null)
            Console.WriteLine("CBC: absent (Debian: apt-get install coinor-libcbc3); its columns stay empty.");
        Console.WriteLine("instance                      cold ms   warm ms     solver ms      CBC ms    ratio  step       gap       nodes  CBC, one program");
        if (ResearchData.IsThere)
        {
            foreach (var demand in new[] { 100, 190, 191, 200, 225, 250, 300, 350, 400, 425, 450, 500, 600, 800, 1000, 1200.0 })
                Measure($"loki, D = {demand} (10 / 3)", LokiInstance.Problem(demand), s => new LokiPolicy(s, TimeProvider.System));
            foreach (var demand in new[] { 300, 600, 1065, 1300, 1600.0 })
                Measure($"proteus, {demand}/s (30)", ProteusInstance.Problem(demand) with { Options = new PlanningOptions { MaxBatch = 8, RelativeGap = 1e-4 } }, s => new ProteusPolicy(s, TimeProvider.System), runs: 5);
        }
        else
        {
            Console.WriteLine("loki, proteus: the public research data is absent; set LOKI_DATA to the folder that holds it.");
        }

        foreach (var load in new[] { 0.5, 1, 2.0, 4 })
            Measure($"1,000 slots, load {load} (1,000)", Cluster(load), s => new LokiPolicy(s, TimeProvider.System), runs: 3);
        Measure("ipa, 9 variants x 9 stages (20)", Chain(), _ => new IpaPolicy());
        return Task.FromResult(0);
    }

    private static void Measure(string name, PlanningProblem problem, Func<ISolver, IPlanningPolicy> make, int runs = Runs)
    {
        if (!name.StartsWith(_only, StringComparison.Ordinal))
            return;
        var policy = make(new BranchAndBoundSolver());

        // A warm process: the compiler has seen this kind of program, and seen that it is hot.
        WarmUp(() => policy.Plan(problem), runs);
        var before = policy.Plan(problem with { Pipelines = [.. problem.Pipelines.Select(p => p with { DemandQps = 0.97 * p.DemandQps })] });
        var plan = policy.Plan(problem);
        var cold = Time(() => policy.Plan(problem), runs);
        var warm = Time(() => policy.Plan(problem with { Previous = before }), runs);
        var recorder = new RecordingSolver(new BranchAndBoundSolver());
        make(recorder).Plan(problem);
        var solver = recorder.Calls.Count == 0 ? double.NaN : Time(() => recorder.Replay(new BranchAndBoundSolver(), null), runs);
        var cbc = recorder.Calls.Count == 0 || Native is null ? (Ms: double.NaN, Agrees: true) : recorder.Replay(Native, CbcLimit);
        Console.WriteLine(FormattableString.Invariant(
            $"{name,-30}{cold,7:0.00}{warm,10:0.00}{solver,14:0.00}{cbc.Ms,12:0.0}{cbc.Ms / solver,8:0.0}x {plan.Proof.Step,-9}{plan.Proof.Gap,8:0.0e0}{plan.Proof.Nodes,10}{OneProgram(problem, plan, solver)}{(cbc.Agrees ? "" : "  CBC differs")}"));
    }

    // Where the managed solver is asked for many small programs in place of one: CBC on that one.
    private static string OneProgram(PlanningProblem problem, Plan plan, double solverMs)
    {
        // Nine variants of nine tasks in a row are 387 million paths: no space for policies that need none.
        if (Native is null || plan.Policy != PlanningPolicies.Loki || plan.Proof.Step != "accuracy" || PlanningSpace.Create(problem) is not { } space || !ChainSearch.Fits(space))
            return "";
        var program = new PlanProgram(space, Goal.MostAccurate).Build();
        var ms = Time(() => Native.Solve(program, new SolveOptions { RelativeGap = problem.Options.RelativeGap, TimeLimit = CbcLimit, TimeProvider = TimeProvider.System }), 3);
        return FormattableString.Invariant($"{ms,10:0.0}{ms / solverMs,7:0.0}x");
    }

    private static void WarmUp(Action run, int runs)
    {
        var start = Stopwatch.GetTimestamp();
        while (runs-- > 0 || Stopwatch.GetElapsedTime(start) < WarmUpTime)
            run();
    }

    private static double Time(Action run, int runs) => Median.Of([.. Enumerable.Range(0, runs).Select(_ =>
    {
        var start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    })]);

    // 250 slots of each of 4 kinds, 20 pipelines of 3 tasks, chains and forks, 6 variants each.
    private static PlanningProblem Cluster(double load)
    {
        var random = new Random(1);
        var pipelines = Enumerable.Range(0, 20)
            .Select(i => (Synthetic.Pipeline($"p{i}", 250, i % 2 == 0 ? [-1, 0, 1] : [-1, 0, 0], 6), Math.Round(load * (20 + (60 * random.NextDouble())), 1))).ToArray();
        return Synthetic.Problem(pipelines, [.. Enumerable.Range(0, 4).Select(d => new DeviceType($"kind{d}", 250))])
            with { Options = new PlanningOptions { RelativeGap = 1e-3, TimeLimit = TimeSpan.FromSeconds(2) } };
    }

    private static PlanningProblem Chain()
    {
        var pipeline = Synthetic.Pipeline("chain", 3000, [-1, 0, 1, 2, 3, 4, 5, 6, 7], 9);
        return Synthetic.Problem([(pipeline, 20.0)], [new DeviceType("cpu", 10_000)]);
    }

    private static OrToolsSolver? FindNative()
    {
        try
        {
            return new OrToolsSolver("CBC");
        }
        catch (DllNotFoundException)
        {
            return null;
        }
    }
}
