namespace ServerlessLoki.Solver.Blocks;

/// <summary>The blocks of a program as programs of their own; rows that join blocks are left out.</summary>
internal static class BlockPrograms
{
    /// <summary>Splits a program into blocks, each with its columns; columns keep their order.</summary>
    public static (MixedIntegerProgram Program, int[] Columns)[] Split(MixedIntegerProgram program, BlockStructure structure)
    {
        var columns = Enumerable.Range(0, structure.Count).Select(_ => new List<int>()).ToArray();
        for (var j = 0; j < program.ColumnCount; j++)
            columns[structure.Block[j]].Add(j);
        var owner = RowOwners(program, structure);
        var rows = Enumerable.Range(0, structure.Count).Select(_ => new List<int>()).ToArray();
        var newRow = new int[program.RowCount];
        for (var i = 0; i < newRow.Length; i++)
        {
            newRow[i] = owner[i] < 0 ? -1 : rows[owner[i]].Count;
            if (owner[i] >= 0)
                rows[owner[i]].Add(i);
        }

        return [.. columns.Zip(rows, (c, r) => (Part(program, [.. c], [.. r], newRow), c.ToArray()))];
    }

    // The block of each row; −1 for rows of several blocks or none.
    private static int[] RowOwners(MixedIntegerProgram program, BlockStructure structure)
    {
        const int None = -2;
        var owner = new int[program.RowCount];
        Array.Fill(owner, None);
        for (var j = 0; j < program.ColumnCount; j++)
        {
            for (var k = program.ColumnStarts[j]; k < program.ColumnStarts[j + 1]; k++)
            {
                ref var block = ref owner[program.RowIndices[k]];
                block = block == None || block == structure.Block[j] ? structure.Block[j] : -1;
            }
        }

        return owner;
    }

    private static MixedIntegerProgram Part(MixedIntegerProgram program, int[] columns, int[] rows, int[] newRow)
    {
        var (starts, indices, values) = (new int[columns.Length + 1], new List<int>(), new List<double>());
        for (var c = 0; c < columns.Length; c++)
        {
            for (var k = program.ColumnStarts[columns[c]]; k < program.ColumnStarts[columns[c] + 1]; k++)
            {
                if (newRow[program.RowIndices[k]] < 0)
                    continue;
                indices.Add(newRow[program.RowIndices[k]]);
                values.Add(program.Coefficients[k]);
            }

            starts[c + 1] = indices.Count;
        }

        return new MixedIntegerProgram(
            program.Sense,
            0,
            (Pick(program.ColumnLower, columns), Pick(program.ColumnUpper, columns), Pick(program.Objective, columns), Pick(program.IsInteger, columns)),
            (Pick(program.RowLower, rows), Pick(program.RowUpper, rows)),
            (starts, [.. indices], [.. values]));
    }

    private static T[] Pick<T>(ReadOnlySpan<T> from, int[] which)
    {
        var picked = new T[which.Length];
        for (var i = 0; i < which.Length; i++)
            picked[i] = from[which[i]];
        return picked;
    }
}
