"""Asking memory ahead of need: people who must be looked up one by one are called for while others are served."""

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic


def uncounted(kernel):
    """Compile a kernel that makes no arrays, without counting who holds those it is given.

    Counting costs a locked instruction at every look into a tuple of columns: more than the rest of
    the work where somebody's life changes in many columns at once.
    """
    return njit(nogil=True, cache=True, _nrt=False)(kernel)


@intrinsic
def fetch(typingctx, array, index):
    """Ask memory for one number of an array, without waiting for it."""

    def build(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        place = builder.bitcast(builder.gep(data, [args[1]]), ir.IntType(8).as_pointer())
        word = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [place.type, word, word, word])
        called = builder.module.globals.get("llvm.prefetch.p0") or ir.Function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(called, [place, ir.Constant(word, 0), ir.Constant(word, 3), ir.Constant(word, 1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), build
