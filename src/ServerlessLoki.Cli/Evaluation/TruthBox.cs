using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Object in a picture.</summary>
/// <param name="Label">Name of its category.</param>
/// <param name="Group">Name of the category's supercategory; empty where the data name none.</param>
/// <param name="X1">Left edge, 0..1 of the width.</param>
/// <param name="Y1">Top edge, 0..1 of the height.</param>
/// <param name="X2">Right edge.</param>
/// <param name="Y2">Bottom edge.</param>
/// <param name="IsCrowd">True for a region of many objects: what is found there is neither right nor wrong.</param>
internal sealed record TruthBox(string Label, string Group, double X1, double Y1, double X2, double Y2, bool IsCrowd)
{
    /// <summary>Computes the intersection over union with a row; for a crowd the share of the row that lies in it.</summary>
    public double Overlap(in OutputRow row)
    {
        var shared = Math.Max(0, Math.Min(X2, row.X2) - Math.Max(X1, row.X1)) * Math.Max(0, Math.Min(Y2, row.Y2) - Math.Max(Y1, row.Y1));
        var (own, found) = ((X2 - X1) * (Y2 - Y1), (double)(row.X2 - row.X1) * (row.Y2 - row.Y1));
        var whole = IsCrowd ? found : own + found - shared;
        return whole > 0 ? shared / whole : 0;
    }
}
