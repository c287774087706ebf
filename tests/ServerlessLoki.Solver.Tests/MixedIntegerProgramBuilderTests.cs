namespace ServerlessLoki.Solver.Tests;

public class MixedIntegerProgramBuilderTests
{
    [Fact]
    public void Build_RepeatedTerms_AddUpAndZerosVanish()
    {
        var builder = new MixedIntegerProgramBuilder();
        var x = builder.AddColumn(0, 1, 0);
        var y = builder.AddColumn(0, 1, 0);
        var row = builder.AddRow(0, 1, [(y, 2.0), (x, 1.0), (y, 3.0)]);
        builder.AddTerm(row, x, -1);

        var program = builder.Build();

        Assert.Equal([0, 0, 1], program.ColumnStarts.ToArray());
        Assert.Equal([5.0], program.Coefficients.ToArray());
    }

    [Fact]
    public void Build_FaultyParts_ListsEveryFault()
    {
        var builder = new MixedIntegerProgramBuilder { ObjectiveOffset = double.NaN };
        builder.AddColumn(double.NaN, 1, double.PositiveInfinity, name: "flow");
        var row = builder.AddRow(0, double.NegativeInfinity);
        builder.AddTerm(row, 7, double.NaN);
        builder.AddTerm(-1, 0, 1);

        var faults = Assert.Throws<ProgramFaultException>(builder.Build).Faults;

        string[] expected = ["$.objectiveOffset", "$.columns[0] (flow).objective", "$.columns[0] (flow).lower", "$.rows[0] (unnamed).upper", "$.terms[0].column", "$.terms[0].value", "$.terms[1].row"];
        Assert.Equal(string.Join('\n', expected), string.Join('\n', faults.Select(f => f[..f.IndexOf(": found", StringComparison.Ordinal)])));
    }

    [Fact]
    public void Violation_BrokenRow_IsItsDistance()
    {
        var builder = new MixedIntegerProgramBuilder();
        var x = builder.AddColumn(0, 10, 0, isInteger: true);
        builder.AddRow(double.NegativeInfinity, 0.5, [(x, 1.0)]);
        var program = builder.Build();

        Assert.Equal(0.5, program.Violation([1.0]));
        Assert.Equal(0.25, program.Violation([0.25]));
        Assert.Equal(0, program.Violation([0.0]));
    }
}
