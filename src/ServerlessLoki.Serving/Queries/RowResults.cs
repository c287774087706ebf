namespace ServerlessLoki.Serving.Queries;

/// <summary>Result of a request of several rows.</summary>
internal static class RowResults
{
    /// <summary>Joins the completed results of the rows: their answers one row after the other, the mean accuracy, the longest times.</summary>
    /// <param name="id">Id of the request.</param>
    /// <param name="rows">Results in the order of the rows; at least one.</param>
    public static QueryResult Joined(string id, IReadOnlyList<QueryResult> rows)
    {
        var answers = new List<StageAnswer>(rows.Sum(static r => r.Answers.Count));
        foreach (var row in rows)
        {
            var before = answers.Count;
            answers.AddRange(row.Answers.Select(a => a.Parent < 0 ? a : a with { Parent = before + a.Parent }));
        }

        return rows[0] with
        {
            Id = id,
            Answers = answers,
            Accuracy = rows.Average(static r => r.Accuracy),
            Latency = rows.Max(static r => r.Latency),
            Queued = rows.Max(static r => r.Queued),
            Computed = rows.Max(static r => r.Computed),
        };
    }
}
