namespace ServerlessLoki.Routing;

/// <summary>Work that stands before a query that arrives now.</summary>
public interface IBacklog
{
    /// <summary>Time until the query would start on a variant of the root task, microseconds.</summary>
    double BeforeUs(int variant);
}
