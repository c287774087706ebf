using System.Runtime.InteropServices;

namespace ServerlessLoki.Solver.Search;

/// <summary>Pool of the tree's nodes: open nodes and their ancestors in recycled slots, and a heap of the open ones by bound. A node stores
/// one changed bound; the basis of a branched node is stored once for both children. The pool grows by doubling and never
/// shrinks.</summary>
internal sealed class NodePool
{
    private readonly int _basisLength;
    private Node[] _nodes = new Node[64];
    private byte[][] _bases = new byte[64][];
    private int[] _free = new int[64];
    private int[] _heap = new int[64];
    private int _freeCount;
    private int _used;

    public NodePool(int basisLength) => _basisLength = basisLength;

    /// <summary>Number of nodes waiting in the heap.</summary>
    public int OpenCount { get; private set; }

    /// <summary>Least bound of the waiting nodes; infinite when there are none.</summary>
    public double LeastBound => OpenCount == 0 ? double.PositiveInfinity : _nodes[_heap[0]].Bound;

    public ref Node this[int index] => ref _nodes[index];

    /// <summary>Returns the basis stored with a branched node.</summary>
    public Span<byte> Basis(int index) => _bases[index];

    /// <summary>Adds a child of <paramref name="parent"/> (−1 for the root).</summary>
    public int Add(int parent, int column, double lower, double upper, double bound)
    {
        int index;
        if (_freeCount > 0)
        {
            index = _free[--_freeCount];
        }
        else
        {
            if (_used == _nodes.Length)
            {
                Array.Resize(ref _nodes, 2 * _used);
                Array.Resize(ref _bases, 2 * _used);
                Array.Resize(ref _free, 2 * _used);
                Array.Resize(ref _heap, 2 * _used);
            }

            index = _used++;
        }

        _nodes[index] = new Node(parent, column, lower, upper, bound, parent < 0 ? 0 : _nodes[parent].Depth + 1);
        if (parent >= 0)
            _nodes[parent].Children++;
        return index;
    }

    /// <summary>Stores the basis that the children of <paramref name="index"/> start from.</summary>
    public void KeepBasis(int index, ReadOnlySpan<byte> status)
    {
        _bases[index] ??= new byte[_basisLength];
        status.CopyTo(_bases[index]);
    }

    /// <summary>Frees a slot once its children are done, and then its ancestors.</summary>
    public void Release(int index)
    {
        while (index >= 0 && _nodes[index].Children == 0)
        {
            var parent = _nodes[index].Parent;
            _free[_freeCount++] = index;
            if (parent >= 0)
                _nodes[parent].Children--;
            index = parent;
        }
    }

    public void Push(int index)
    {
        var at = OpenCount++;
        while (at > 0)
        {
            var above = (at - 1) / 2;
            if (!IsBefore(index, _heap[above]))
                break;
            _heap[at] = _heap[above];
            at = above;
        }

        _heap[at] = index;
    }

    public int Pop()
    {
        var top = _heap[0];
        var last = _heap[--OpenCount];
        var at = 0;
        while (true)
        {
            var below = (2 * at) + 1;
            if (below >= OpenCount)
                break;
            if (below + 1 < OpenCount && IsBefore(_heap[below + 1], _heap[below]))
                below++;
            if (!IsBefore(_heap[below], last))
                break;
            _heap[at] = _heap[below];
            at = below;
        }

        if (OpenCount > 0)
            _heap[at] = last;
        return top;
    }

    // Of equal bounds the deeper node is nearer to a solution.
    private bool IsBefore(int a, int b)
    {
        ref var first = ref _nodes[a];
        ref var second = ref _nodes[b];
        return first.Bound < second.Bound || (first.Bound == second.Bound && first.Depth > second.Depth);
    }

    [StructLayout(LayoutKind.Auto)]
    internal record struct Node(int Parent, int Column, double Lower, double Upper, double Bound, int Depth)
    {
        public int Children { get; set; }

        /// <summary>Relaxed value of the column that was branched on.</summary>
        public double Value { get; set; }
    }
}
