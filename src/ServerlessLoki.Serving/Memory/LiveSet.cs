using System.Collections.Concurrent;

namespace ServerlessLoki.Serving.Memory;

/// <summary>Objects that are live now, for those who look through all of them now and then. Joining and leaving take no lock.</summary>
/// <remarks>Each object has a place for as long as it is live, and places are used again: there are as many as were ever live at once.</remarks>
internal sealed class LiveSet<T>
    where T : class
{
    /// <summary>Nodes of the stack are not used again, so that two threads never mistake one for another.</summary>
    private readonly ConcurrentStack<Place> _free = new();
    private Place? _places;

    /// <summary>A place that nobody has. Give it to the object first, then the object to it.</summary>
    public Place NewPlace()
    {
        if (_free.TryPop(out var place))
            return place;
        place = new Place();
        do
            place.Next = Volatile.Read(ref _places);
        while (Interlocked.CompareExchange(ref _places, place, place.Next) != place.Next);
        return place;
    }

    /// <summary>The object of a place is live no more. Called once.</summary>
    public void Leave(Place place)
    {
        place.Item = null;
        _free.Push(place);
    }

    /// <summary>Those that are live; who comes or goes meanwhile may be among them.</summary>
    public IEnumerable<T> Items()
    {
        for (var place = Volatile.Read(ref _places); place is not null; place = place.Next)
        {
            if (place.Item is { } item)
                yield return item;
        }
    }

    /// <summary>One object's.</summary>
    internal sealed class Place
    {
        private volatile T? _item;

        public T? Item
        {
            get => _item;
            set => _item = value;
        }

        internal Place? Next { get; set; }
    }
}
