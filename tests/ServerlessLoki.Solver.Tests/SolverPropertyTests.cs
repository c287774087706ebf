using FsCheck;
using FsCheck.Fluent;
using ServerlessLoki.Solver.Presolve;
using ServerlessLoki.Solver.Simplex;
using ServerlessLoki.Tests.Shared;

namespace ServerlessLoki.Solver.Tests;

public class SolverPropertyTests
{
    private static readonly Config s_config = Properties.Cases(400);

    [Fact]
    public void Solve_SmallIntegerBoxes_MatchesEnumeration() => ForAll(MatchesEnumeration);

    [Theory]
    // The optimum is 0, and the relaxation ends on the cutoff itself.
    [InlineData(6132982)]
    public void Solve_BoxThatWasOnceNotProven_MatchesEnumeration(int seed) => Assert.True(MatchesEnumeration(seed));

    [Fact]
    public void Solve_AnyProgram_ValuesSatisfyItAndBoundIsOnTheRightSide() => ForAll(seed =>
    {
        var program = RandomPrograms.Mixed(seed);
        var found = Solve(program);
        if (!found.HasValues)
            return found.Values.Length == 0;
        var slack = 1e-6 * Math.Max(1, Math.Abs(found.Objective));
        var better = program.Sense == ObjectiveSense.Maximise ? found.Bound - found.Objective : found.Objective - found.Bound;
        return program.Violation(found.Values) <= 1e-7
            && Math.Abs(program.Evaluate(found.Values) - found.Objective) <= slack
            && better >= -slack && better <= slack;
    });

    [Fact]
    public void Solve_WarmStarted_FindsTheSameOptimum() => ForAll(seed =>
    {
        var program = RandomPrograms.Planning(seed, 2, 1);
        var cold = Solve(program);
        var neighbour = Solve(RandomPrograms.Planning(seed + 1, 2, 1));
        var warm = Solve(program, new SolveOptions
        {
            WarmStartBasis = neighbour.Basis,
            WarmStartValues = neighbour.HasValues ? neighbour.Values : null,
        });
        return warm.Status == cold.Status && Math.Abs(warm.Objective - cold.Objective) <= 1e-6 * Math.Max(1, Math.Abs(cold.Objective));
    });

    [Fact]
    public void Simplex_Optimal_SatisfiesPrimalAndDualConditions() => ForAll(seed =>
    {
        var lp = Presolver.Run(RandomPrograms.Mixed(seed, 20), reduce: false).Linear;
        var simplex = new SimplexSolver(lp);
        return simplex.Solve(100_000, double.PositiveInfinity) != LpStatus.Optimal || IsOptimal(lp, simplex);
    });

    [Fact]
    public void Presolve_AnyProgram_KeepsTheOptimum() => ForAll(seed =>
    {
        var program = RandomPrograms.Mixed(seed);
        var full = Relaxed(Presolver.Run(program, reduce: false));
        var reduced = Presolver.Run(program);
        if (!reduced.IsFeasible)
            return Solve(program).Status == SolveStatus.Infeasible;

        // Integer bounds are tightened, so the relaxation may only get worse.
        var less = Relaxed(reduced);
        return double.IsNaN(full) || double.IsNaN(less) || less >= full - (1e-6 * Math.Max(1, Math.Abs(full)));
    });

    private static bool MatchesEnumeration(int seed)
    {
        var program = Boxed(seed);
        var best = Enumerate(program);
        var found = Solve(program);
        return double.IsNaN(best)
            ? found.Status == SolveStatus.Infeasible
            : found.Status == SolveStatus.Optimal && Math.Abs(found.Objective - best) <= 1e-6 && Math.Abs(found.Bound - best) <= 1e-6;
    }

    private static void ForAll(Func<int, bool> property) =>
        Prop.ForAll(Gen.Choose(0, 0xFFFFFF).ToArbitrary(), property).Check(s_config);

    private static double Relaxed(ReducedProgram reduced)
    {
        var simplex = new SimplexSolver(reduced.Linear);
        return simplex.Solve(100_000, double.PositiveInfinity) == LpStatus.Optimal ? simplex.Objective + reduced.Offset : double.NaN;
    }

    // Karush-Kuhn-Tucker: rows and bounds hold, and no nonbasic variable could improve by leaving its bound.
    private static bool IsOptimal(LinearProgram lp, SimplexSolver simplex)
    {
        for (var j = 0; j < lp.ColumnCount + lp.RowCount; j++)
        {
            var (x, d) = (simplex.Values[j], simplex.ReducedCosts[j]);
            var slack = 1e-7 * Math.Max(1, Math.Abs(x));
            if (x < lp.Lower[j] - slack || x > lp.Upper[j] + slack)
                return false;
            if ((x > lp.Lower[j] + 1e-6 && d > 1e-6) || (x < lp.Upper[j] - 1e-6 && d < -1e-6))
                return false;
        }

        for (var i = 0; i < lp.RowCount; i++)
        {
            var activity = 0.0;
            for (var k = lp.ByRowStarts[i]; k < lp.ByRowStarts[i + 1]; k++)
                activity += lp.ByRowValues[k] * simplex.Values[lp.ByRowColumns[k]];
            if (Math.Abs(activity - simplex.Values[lp.ColumnCount + i]) > 1e-7 * Math.Max(1, Math.Abs(activity)))
                return false;
        }

        return true;
    }

    private static MixedIntegerProgram Boxed(int seed)
    {
        var random = new Random(seed);
        var builder = new MixedIntegerProgramBuilder(random.Next(2) == 0 ? ObjectiveSense.Minimise : ObjectiveSense.Maximise);
        var columns = random.Next(1, 6);
        for (var j = 0; j < columns; j++)
            builder.AddColumn(-random.Next(3), random.Next(1, 4), random.Next(-9, 10), isInteger: true);
        for (var i = random.Next(0, 5); i > 0; i--)
        {
            var side = random.Next(-4, 9);
            var row = random.Next(3) switch
            {
                0 => builder.AddRow(side, side),
                1 => builder.AddRow(double.NegativeInfinity, side),
                _ => builder.AddRow(-side - 2, Math.Max(-side - 2, side)),
            };
            for (var j = 0; j < columns; j++)
                builder.AddTerm(row, j, random.Next(-5, 6));
        }

        return builder.Build();
    }

    // NaN when no point of the box satisfies the rows.
    private static double Enumerate(MixedIntegerProgram program)
    {
        var point = program.ColumnLower.ToArray();
        var best = double.NaN;
        while (true)
        {
            if (program.Violation(point) <= 1e-9)
            {
                var value = program.Evaluate(point);
                if (double.IsNaN(best) || (program.Sense == ObjectiveSense.Maximise ? value > best : value < best))
                    best = value;
            }

            var j = 0;
            while (j < point.Length && ++point[j] > program.ColumnUpper[j])
                point[j] = program.ColumnLower[j++];
            if (j == point.Length)
                return best;
        }
    }

    private static Solution Solve(MixedIntegerProgram program, SolveOptions? options = null) =>
        new BranchAndBoundSolver().Solve(program, options, TestContext.Current.CancellationToken);
}
