namespace ServerlessLoki.Solver.Blocks;

/// <summary>Independent parts of a program. Rows that only limit what the objective minimises anyway are ignored: pipelines on one cluster
/// that want the fewest slots share only the slots' number. Where those limits do not bind, the parts can be solved one by one.</summary>
internal sealed class BlockStructure
{
    private const int FewestColumns = 100;

    private BlockStructure(int[] block, int count)
    {
        Block = block;
        Count = count;
    }

    /// <summary>Block of each column.</summary>
    public int[] Block { get; }

    public int Count { get; }

    /// <summary>Finds the blocks that appear once rows are left out that the objective satisfies by itself; null when there is only one
    /// block.</summary>
    public static BlockStructure? Find(MixedIntegerProgram program)
    {
        if (program.ColumnCount < FewestColumns)
            return null;
        var (block, sizes) = Components(program, KeptByTheObjective(program));
        return sizes.Count > 1 && 2 * sizes.Max() <= program.ColumnCount ? new BlockStructure(block, sizes.Count) : null;
    }

    // A limit on what every column is charged for: the best of each block takes little of it.
    private static bool[] KeptByTheObjective(MixedIntegerProgram program)
    {
        var (up, down) = (new bool[program.RowCount], new bool[program.RowCount]);
        Array.Fill(up, true);
        Array.Fill(down, true);
        var sign = program.Sense == ObjectiveSense.Maximise ? -1 : 1;
        for (var j = 0; j < program.ColumnCount; j++)
        {
            for (var k = program.ColumnStarts[j]; k < program.ColumnStarts[j + 1]; k++)
            {
                var charge = sign * program.Objective[j] * program.Coefficients[k];
                up[program.RowIndices[k]] &= charge > 0;
                down[program.RowIndices[k]] &= charge < 0;
            }
        }

        for (var i = 0; i < up.Length; i++)
            up[i] = (up[i] && double.IsNegativeInfinity(program.RowLower[i])) || (down[i] && double.IsPositiveInfinity(program.RowUpper[i]));
        return up;
    }

    private static (int[] Block, List<int> Sizes) Components(MixedIntegerProgram program, bool[] without)
    {
        var parent = Enumerable.Range(0, program.ColumnCount).ToArray();
        var firstOf = new int[program.RowCount];
        Array.Fill(firstOf, -1);
        for (var j = 0; j < parent.Length; j++)
        {
            for (var k = program.ColumnStarts[j]; k < program.ColumnStarts[j + 1]; k++)
            {
                var row = program.RowIndices[k];
                if (without[row])
                    continue;
                if (firstOf[row] < 0)
                    firstOf[row] = j;
                else
                    parent[Root(parent, j)] = Root(parent, firstOf[row]);
            }
        }

        var (block, sizes, number) = (new int[parent.Length], new List<int>(), new Dictionary<int, int>());
        for (var j = 0; j < parent.Length; j++)
        {
            var root = Root(parent, j);
            if (!number.TryGetValue(root, out block[j]))
            {
                number[root] = block[j] = sizes.Count;
                sizes.Add(0);
            }

            sizes[block[j]]++;
        }

        return (block, sizes);
    }

    private static int Root(int[] parent, int j)
    {
        while (parent[j] != j)
            j = parent[j] = parent[parent[j]];
        return j;
    }
}
