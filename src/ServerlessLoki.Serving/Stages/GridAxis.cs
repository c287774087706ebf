namespace ServerlessLoki.Serving.Stages;

/// <summary>Where the cells of a grid over a picture lie among a model's values, along one side; bilinear, pixel centres at half coordinates.</summary>
internal sealed class GridAxis
{
    private GridAxis(int cells) => (Low, High, Part) = (new int[cells], new int[cells], new float[cells]);

    /// <summary>Of each cell the value before it; −1 where the model does not see that part of the picture.</summary>
    public int[] Low { get; }

    /// <summary>Of each cell the value behind it.</summary>
    public int[] High { get; }

    /// <summary>How much of the value behind it goes in, 0..1.</summary>
    public float[] Part { get; }

    /// <param name="cells">Cells of the grid along the side.</param>
    /// <param name="values">The model's values along the side.</param>
    /// <param name="onInput">A fraction of the picture → the same of the model's input.</param>
    public static GridAxis Of(int cells, int values, Func<float, float> onInput)
    {
        var axis = new GridAxis(cells);
        for (var i = 0; i < cells; i++)
        {
            var at = onInput((i + 0.5f) / cells);
            if (!(at >= 0 && at <= 1))
            {
                axis.Low[i] = -1;
                continue;
            }

            var value = Math.Clamp((at * values) - 0.5f, 0, values - 1);
            axis.Low[i] = (int)value;
            axis.High[i] = Math.Min(axis.Low[i] + 1, values - 1);
            axis.Part[i] = value - axis.Low[i];
        }

        return axis;
    }

    /// <summary>A cell's value.</summary>
    public static float At(ReadOnlySpan<float> values, int width, GridAxis across, int x, GridAxis down, int y)
    {
        var above = Between(values[(down.Low[y] * width) + across.Low[x]], values[(down.Low[y] * width) + across.High[x]], across.Part[x]);
        var below = Between(values[(down.High[y] * width) + across.Low[x]], values[(down.High[y] * width) + across.High[x]], across.Part[x]);
        return Between(above, below, down.Part[y]);
    }

    private static float Between(float from, float to, float part) => from + ((to - from) * part);
}
